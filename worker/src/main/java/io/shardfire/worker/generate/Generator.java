package io.shardfire.worker.generate;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelTokens;
import io.shardfire.worker.objective.PairTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Text generation from a model folder (our checkpoint step or a Hugging Face folder of a family). A
 * decoder continues a prompt; an encoder-decoder reads it and writes what belongs to it, as it was
 * trained on pairs. What is written does not depend on the prompts beside it. Not thread-safe.
 */
public final class Generator implements AutoCloseable {
  private final ModelConfiguration model;
  private final ModelTokens special;
  private final Tokenizer tokenizer;
  private final Decoder session;

  /** Null where a model reads no source. */
  private final PairTokens pair;

  private Generator(
      ModelConfiguration model,
      ModelTokens special,
      Tokenizer tokenizer,
      Decoder session,
      PairTokens pair) {
    this.model = model;
    this.special = special;
    this.tokenizer = tokenizer;
    this.session = session;
    this.pair = pair;
  }

  /**
   * Loads config.json, tokenizer.json and the weights.
   *
   * @param slots sequences to compute side by side: see {@link GenerationOptions#slots}
   * @throws io.shardfire.sharding.checkpoint.CheckpointException when the folder lacks a file or a
   *     tensor
   * @throws IllegalArgumentException when config.json describes a model that is not supported
   * @throws io.shardfire.worker.data.DataException when an encoder-decoder's vocabulary has no
   *     padding or no end
   */
  public static Generator load(
      Configuration hadoop, Path modelFolder, ComputeContext compute, int slots) {
    return load(hadoop, modelFolder, compute, slots, WeightFormat.FP32);
  }

  /** As above, with matrices that are stored in a format: see {@link Decoder#create}. */
  public static Generator load(
      Configuration hadoop,
      Path modelFolder,
      ComputeContext compute,
      int slots,
      WeightFormat format) {
    try (ModelFolder folder = ModelFolder.open(hadoop, modelFolder)) {
      String configuration = folder.document(ConfigurationFile.NAME);
      return of(
          ConfigurationFile.read(configuration),
          ConfigurationFile.tokens(configuration),
          TokenizerFiles.read(hadoop, modelFolder),
          new ModelWeights(folder, modelFolder.toString()),
          compute,
          slots,
          format);
    }
  }

  /** As {@link #load}, from a folder that is open; it may be closed after that. */
  public static Generator of(
      ModelConfiguration model,
      ModelTokens special,
      TokenizerFiles tokenizer,
      ModelWeights weights,
      ComputeContext compute,
      int slots,
      WeightFormat format) {
    requireDecoder(model, weights.name());
    PairTokens pair = model.hasSource() ? PairTokens.of(special, tokenizer) : null;
    Decoder decoder = Decoder.create(model, slots, compute, format, weights::read);
    return new Generator(model, special, Tokenizer.of(tokenizer), decoder, pair);
  }

  private static void requireDecoder(ModelConfiguration model, String folder) {
    if (model.kind() == ModelConfiguration.Kind.ENCODER) {
      throw new IllegalArgumentException(
          "An encoder alone writes no text; give a decoder or an encoder-decoder: model="
              + folder
              + ", kind="
              + model.kind());
    }
  }

  /** Bytes that the model's weights take. */
  public long weightBytes() {
    return session.weightBytes();
  }

  /** Whether a text goes on where its prompt ends, instead of answering to it. */
  public boolean continues() {
    return pair == null;
  }

  /**
   * Continues prompts, each up to its end-of-text, a stop string or the most tokens, and returns
   * how fast. An empty prompt starts a document. Prompts and texts longer than the context are
   * treated as {@link ContextWindow} says; of a source that is too long the beginning is used.
   *
   * @throws IllegalArgumentException when a prompt is empty and the vocabulary has no end-of-text,
   *     or a prompt has characters or tokens that the model lacks
   */
  public Throughput generate(
      List<Prompt> prompts, GenerationOptions options, GenerationListener listener) {
    PromptEncoder encoder = new PromptEncoder(model, tokenizer, pair);
    List<EncodedPrompt> encoded = new ArrayList<>();
    for (Prompt prompt : prompts) {
      encoded.add(encoder.encode(encoded.size(), prompt, options, listener));
    }
    return generate(options, encoded, listener);
  }

  /**
   * Writes what belongs to sources, which are given by their tokens without an end. Seeds are the
   * numbers of the sources.
   *
   * @throws IllegalStateException when the model reads no source
   */
  public Throughput answer(
      List<int[]> sources, GenerationOptions options, GenerationListener listener) {
    if (continues()) {
      throw new IllegalStateException("The model reads no source: kind=" + model.kind());
    }
    PromptEncoder encoder = new PromptEncoder(model, tokenizer, pair);
    List<EncodedPrompt> encoded = new ArrayList<>();
    for (int[] source : sources) {
      encoded.add(encoder.source(encoded.size(), encoded.size(), source, listener));
    }
    return generate(options, encoded, listener);
  }

  private Throughput generate(
      GenerationOptions options, List<EncodedPrompt> encoded, GenerationListener listener) {
    MeteredSession metered = new MeteredSession(session, System::nanoTime);
    GenerationRun run =
        new GenerationRun(
            metered,
            new ContextWindow(metered, listener::notice),
            options,
            vocabulary(),
            ends(),
            tokenizer,
            listener);
    if (options.strategy() instanceof Sampling sampling) {
      new SamplingLoop(run, sampling, encoded).run();
    } else if (options.strategy() instanceof Beams beams) {
      new SearchLoop(run, beams).run(encoded);
    }
    return metered.throughput();
  }

  /** What config.json names ends a text, else what ends one in training. */
  private Set<Integer> ends() {
    if (!special.ends().isEmpty()) {
      return Set.copyOf(special.ends());
    }
    OptionalInt end = pair == null ? tokenizer.endOfText() : OptionalInt.of(pair.end());
    return end.isPresent() ? Set.of(end.getAsInt()) : Set.of();
  }

  /** A model may have room for more tokens than its tokenizer knows. */
  private int vocabulary() {
    return Math.min(model.vocabularySize(), tokenizer.vocabularySize());
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
