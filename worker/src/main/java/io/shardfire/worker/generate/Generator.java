package io.shardfire.worker.generate;

import io.shardfire.kernels.device.ComputeContext;
import java.util.function.IntConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Text generation from a model folder (our checkpoint step or any Hugging Face GPT-2 folder). Not
 * thread-safe.
 */
public final class Generator implements AutoCloseable {
  private Generator() {}

  /** Loads config.json, tokenizer.json and the weights. */
  public static Generator load(Configuration hadoop, Path modelFolder, ComputeContext compute) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The folder's tokenizer. */
  public io.shardfire.worker.tokenizer.Tokenizer tokenizer() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Draws up to {@code count} tokens after the prompt, handing each to {@code sink}; stops after
   * end-of-text. Beyond the context the oldest tokens are dropped.
   */
  public void generate(int[] prompt, int count, Sampling sampling, IntConsumer sink) {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
