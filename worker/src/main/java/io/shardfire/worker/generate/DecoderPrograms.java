package io.shardfire.worker.generate;

import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.LastingValues;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The programs of a decoder, which share a cache, and what they read and write.
 *
 * @param slots sequences that the cache has room for
 * @param decoding one token more of each sequence
 * @param prompts many tokens more of one sequence, the most first
 * @param logits of the tokens after those of {@code decoding} [slots,V]
 * @param sources the sequence that each is to become a copy of [slots,1]
 * @param copied tokens that are copied [slots,1]
 */
record DecoderPrograms(
    int slots,
    Part decoding,
    List<Part> prompts,
    LastingValues cache,
    Value logits,
    Value sources,
    Value copied) {
  /** Rows of the passes over prompts, the largest first; the smallest is padded. */
  private static final int[] CHUNKS = {256, 64, 16};

  /** A program and the fields it reads. */
  record Part(TokenBatch batch, Program program, List<Constant> constants) {}

  /** Records them. */
  static DecoderPrograms of(ModelConfiguration model, int slots) {
    LastingValues cache = new LastingValues();
    Value logits = Value.pinned("logits", slots, model.vocabularySize());
    TokenBatch tokens = TokenBatch.decoding(slots, 1, model.context(), slots);
    LanguageModel decoder = Architecture.of(model, tokens);
    Program decoding = decoder.recordDecoding(Pass.decoding(slots, 1), cache, logits);
    List<Part> prompts = new ArrayList<>();
    IntStream.of(CHUNKS)
        .map(rows -> Math.min(rows, model.context()))
        .distinct()
        .filter(rows -> rows > 1)
        .forEach(rows -> prompts.add(prompt(model, slots, rows, cache)));
    return new DecoderPrograms(
        slots,
        new Part(tokens, decoding, decoder.constants()),
        prompts,
        cache,
        logits,
        Value.pinned("copy sources", slots, 1),
        Value.pinned("copy lengths", slots, 1));
  }

  private static Part prompt(ModelConfiguration model, int slots, int rows, LastingValues cache) {
    TokenBatch batch = TokenBatch.decoding(1, rows, model.context(), slots);
    LanguageModel modules = Architecture.of(model, batch);
    Program program = modules.recordPrompt(Pass.decoding(1, rows), cache);
    return new Part(batch, program, modules.constants());
  }

  List<Part> parts() {
    List<Part> parts = new ArrayList<>(prompts);
    parts.add(decoding);
    return parts;
  }
}
