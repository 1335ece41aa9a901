package io.shardfire.worker.generate;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Text generation from a model folder (our checkpoint step or a Hugging Face folder of a family).
 * Not thread-safe.
 */
public final class Generator implements AutoCloseable {
  private final ModelConfiguration model;
  private final Tokenizer tokenizer;
  private final Decoder decoder;

  private Generator(ModelConfiguration model, Tokenizer tokenizer, Decoder decoder) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.decoder = decoder;
  }

  /**
   * Loads config.json, tokenizer.json and the weights.
   *
   * @throws io.shardfire.sharding.checkpoint.CheckpointException when the folder lacks a file or a
   *     tensor
   * @throws IllegalArgumentException when config.json describes a model that is not supported
   */
  public static Generator load(Configuration hadoop, Path modelFolder, ComputeContext compute) {
    try (ModelFolder folder = ModelFolder.open(hadoop, modelFolder)) {
      ModelConfiguration model = ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
      String tokenizerJson = folder.document(TokenIndex.TOKENIZER_FILE);
      ModelWeights weights = new ModelWeights(folder, modelFolder.toString());
      Decoder decoder = Decoder.create(model, compute, weights::read);
      return new Generator(model, Tokenizer.fromJson(tokenizerJson), decoder);
    }
  }

  /** The folder's tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The model's shape. */
  public ModelConfiguration model() {
    return model;
  }

  /**
   * Draws up to {@code count} tokens after the prompt, handing each to {@code sink}; stops after
   * end-of-text. When the context is full, generation goes on from its newer half. An empty prompt
   * starts a document.
   *
   * @throws IllegalArgumentException when the prompt is empty and the vocabulary has no
   *     end-of-text, or holds an id that the model lacks
   */
  public void generate(int[] prompt, int count, Sampling sampling, IntConsumer sink) {
    int vocabulary = Math.min(model.vocabularySize(), tokenizer.vocabularySize());
    TokenSampler sampler = new TokenSampler(sampling, vocabulary);
    OptionalInt endOfText = tokenizer.endOfText();
    TokenWindow window = new TokenWindow(model.context(), start(prompt, endOfText));
    decoder.reset();
    for (int drawn = 0; drawn < count; drawn++) {
      if (decoder.length() == model.context()) {
        window.keepNewest(Math.max(1, model.context() / 2));
        decoder.reset();
      }
      while (decoder.length() < window.length() - 1) {
        decoder.advance(window.token(decoder.length()));
      }
      decoder.predict(window.token(decoder.length()));
      int token = sampler.draw(decoder.array(), decoder.logitsOffset());
      sink.accept(token);
      if (endOfText.isPresent() && endOfText.getAsInt() == token) {
        return;
      }
      window.append(token);
    }
  }

  private static int[] start(int[] prompt, OptionalInt endOfText) {
    if (prompt.length > 0) {
      return prompt;
    }
    if (endOfText.isEmpty()) {
      throw new IllegalArgumentException(
          "The prompt must not be empty, because this vocabulary has no end-of-text token to start"
              + " a document with; give at least one character: promptTokens=0");
    }
    return new int[] {endOfText.getAsInt()};
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /** The newest tokens, at most one more than the context. */
  private static final class TokenWindow {
    private final int[] tokens;
    private int length;

    TokenWindow(int context, int[] prompt) {
      tokens = new int[context + 1];
      length = Math.min(prompt.length, context);
      int[] newest = Arrays.copyOfRange(prompt, prompt.length - length, prompt.length);
      System.arraycopy(newest, 0, tokens, 0, length);
    }

    int length() {
      return length;
    }

    int token(int index) {
      return tokens[index];
    }

    void append(int token) {
      tokens[length++] = token;
    }

    void keepNewest(int count) {
      System.arraycopy(tokens, length - count, tokens, 0, count);
      length = count;
    }
  }
}
