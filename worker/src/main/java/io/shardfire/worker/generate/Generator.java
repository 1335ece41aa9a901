package io.shardfire.worker.generate;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Text generation from a model folder (our checkpoint step or a Hugging Face folder of a family).
 * What follows a prompt does not depend on the prompts beside it. Not thread-safe.
 */
public final class Generator implements AutoCloseable {
  private final ModelConfiguration model;
  private final Tokenizer tokenizer;
  private final DecodingSession session;

  private Generator(ModelConfiguration model, Tokenizer tokenizer, DecodingSession session) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.session = session;
  }

  /**
   * Loads config.json, tokenizer.json and the weights.
   *
   * @param slots sequences to compute side by side: see {@link GenerationOptions#slots}
   * @throws io.shardfire.sharding.checkpoint.CheckpointException when the folder lacks a file or a
   *     tensor
   * @throws IllegalArgumentException when config.json describes a model that is not supported
   */
  public static Generator load(
      Configuration hadoop, Path modelFolder, ComputeContext compute, int slots) {
    try (ModelFolder folder = ModelFolder.open(hadoop, modelFolder)) {
      ModelConfiguration model = ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
      requireDecoder(model, modelFolder);
      String tokenizerJson = folder.document(TokenIndex.TOKENIZER_FILE);
      ModelWeights weights = new ModelWeights(folder, modelFolder.toString());
      Decoder decoder = Decoder.create(model, slots, compute, weights::read);
      return new Generator(model, Tokenizer.fromJson(tokenizerJson), decoder);
    }
  }

  private static void requireDecoder(ModelConfiguration model, Path folder) {
    if (model.kind() != ModelConfiguration.Kind.DECODER) {
      throw new IllegalArgumentException(
          "Only a decoder continues text; give a model of that kind: model="
              + folder
              + ", kind="
              + model.kind());
    }
  }

  /**
   * Continues prompts, each up to its end-of-text, a stop string or the most tokens, and returns
   * how fast. An empty prompt starts a document. Prompts and texts longer than the context are
   * treated as {@link ContextWindow} says.
   *
   * @throws IllegalArgumentException when a prompt is empty and the vocabulary has no end-of-text,
   *     or a prompt has characters or tokens that the model lacks
   */
  public Throughput generate(
      List<Prompt> prompts, GenerationOptions options, GenerationListener listener) {
    List<EncodedPrompt> encoded = new ArrayList<>();
    for (Prompt prompt : prompts) {
      encoded.add(encode(encoded.size(), prompt, options, listener));
    }
    MeteredSession metered = new MeteredSession(session, System::nanoTime);
    GenerationRun run =
        new GenerationRun(
            metered,
            new ContextWindow(metered, listener::notice),
            options,
            vocabulary(),
            tokenizer,
            listener);
    if (options.strategy() instanceof Sampling sampling) {
      new SamplingLoop(run, sampling, encoded).run();
    } else if (options.strategy() instanceof Beams beams) {
      new SearchLoop(run, beams).run(encoded);
    }
    return metered.throughput();
  }

  /** A model may have room for more tokens than its tokenizer knows. */
  private int vocabulary() {
    return Math.min(model.vocabularySize(), tokenizer.vocabularySize());
  }

  private EncodedPrompt encode(
      int index, Prompt prompt, GenerationOptions options, GenerationListener listener) {
    int[] tokens = tokenizer.encode(prompt.text(), options.specialTokens());
    if (tokens.length == 0) {
      tokens = new int[] {startOfDocument()};
    }
    for (int token : tokens) {
      if (token >= model.vocabularySize()) {
        throw new IllegalArgumentException(
            "The prompt has a token that the model lacks, so tokenizer.json belongs to another"
                + " model: prompt="
                + (index + 1)
                + ", token="
                + token
                + ", vocabularySize="
                + model.vocabularySize());
      }
    }
    int used = ContextWindow.promptTokens(model.context(), tokens.length, options.maxTokens());
    if (used < tokens.length) {
      listener.notice(
          "prompt "
              + (index + 1)
              + " has "
              + tokens.length
              + " tokens, more than the model's context of "
              + model.context()
              + "; only its last "
              + used
              + " are used");
    }
    int[] newest = Arrays.copyOfRange(tokens, tokens.length - used, tokens.length);
    return new EncodedPrompt(index, prompt.seed(), newest);
  }

  private int startOfDocument() {
    return tokenizer
        .endOfText()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The prompt must not be empty, because this vocabulary has no end-of-text token"
                        + " to start a document with; give at least one character: promptTokens=0"));
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
