package io.shardfire.worker.generate;

import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.LastingValues;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.Value;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The programs of a decoder, which share a cache, and what they read and write.
 *
 * @param slots sequences that the cache has room for
 * @param decoding one token more of each sequence
 * @param prompts many tokens more of one sequence, the most first; none beside a source, where what
 *     a decoder begins with is one token
 * @param encoders keep a source, the longest first; none where there is no source
 * @param logits of the tokens after those of {@code decoding} [slots,V]
 * @param copy of sequences
 * @param sourceCopy of sources, the one behind those of the slots being the one encoded last; null
 *     where there is no source
 */
record DecoderPrograms(
    int slots,
    Part decoding,
    List<Part> prompts,
    List<Part> encoders,
    Value logits,
    CacheCopy.Parts copy,
    CacheCopy.Parts sourceCopy) {
  /** Rows of the passes over prompts and sources, the largest first; the smallest is padded. */
  private static final int[] CHUNKS = {256, 64, 16};

  /** A program and the fields it reads. */
  record Part(TokenBatch batch, Program program, List<Constant> constants) {
    /** Of the model's constants those that the program reads: others have no place. */
    static Part of(TokenBatch batch, Program program, LanguageModel modules) {
      List<Operation> operations = program.operations();
      return new Part(
          batch,
          program,
          modules.constants().stream()
              .filter(
                  table -> operations.stream().anyMatch(operation -> operation.uses(table.value())))
              .toList());
    }
  }

  /**
   * Records them.
   *
   * @param weights how the matrices are stored
   */
  static DecoderPrograms of(ModelConfiguration model, int slots, WeightFormat weights) {
    LastingValues cache = new LastingValues();
    List<Part> encoders =
        IntStream.concat(IntStream.of(model.source()), IntStream.of(CHUNKS))
            .filter(rows -> model.hasSource() && rows <= model.source())
            .distinct()
            .mapToObj(rows -> encoder(model, slots, rows, weights, cache))
            .toList();
    List<Value> ofSources = cache.all();
    Value logits = Value.pinned("logits", slots, model.vocabularySize());
    TokenBatch tokens = batch(model, BatchForm.plain(slots, 1, model.source()), slots);
    LanguageModel decoder = Architecture.of(model, tokens);
    Program decoding =
        decoder.recordDecoding(Pass.decoding(slots, 1).withWeights(weights), cache, logits);
    List<Part> prompts =
        IntStream.of(CHUNKS)
            .map(rows -> Math.min(rows, model.context()))
            .distinct()
            .filter(rows -> rows > 1 && !model.hasSource())
            .mapToObj(rows -> prompt(model, slots, rows, weights, cache))
            .toList();
    List<Value> all = cache.all();
    return new DecoderPrograms(
        slots,
        Part.of(tokens, decoding, decoder),
        prompts,
        encoders,
        logits,
        CacheCopy.Parts.of("sequence", all.subList(ofSources.size(), all.size()), slots),
        model.hasSource() ? CacheCopy.Parts.of("source", ofSources, slots + 1) : null);
  }

  private static TokenBatch batch(ModelConfiguration model, BatchForm form, int slots) {
    return TokenBatch.decoding(form, model.context(), slots, model.source());
  }

  private static Part prompt(
      ModelConfiguration model, int slots, int rows, WeightFormat weights, LastingValues cache) {
    TokenBatch batch = batch(model, BatchForm.plain(1, rows), slots);
    LanguageModel modules = Architecture.of(model, batch);
    Program program = modules.recordPrompt(Pass.decoding(1, rows).withWeights(weights), cache);
    return Part.of(batch, program, modules);
  }

  private static Part encoder(
      ModelConfiguration model, int slots, int rows, WeightFormat weights, LastingValues cache) {
    TokenBatch batch = batch(model, BatchForm.plain(1, 1, rows), slots);
    LanguageModel modules = Architecture.of(model, batch);
    Program program = modules.recordSource(Pass.evaluation(1, rows).withWeights(weights), cache);
    return Part.of(batch, program, modules);
  }

  /** All of them. */
  List<Part> parts() {
    return Stream.of(prompts, encoders, List.of(decoding)).flatMap(List::stream).toList();
  }

  /** What no program uses, but the copies. */
  List<Value> copyFields() {
    return Stream.of(copy, sourceCopy)
        .filter(parts -> parts != null)
        .flatMap(parts -> parts.fields().stream())
        .toList();
  }
}
