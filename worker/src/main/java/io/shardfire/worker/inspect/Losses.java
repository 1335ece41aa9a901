package io.shardfire.worker.inspect;

import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How well a model predicts each next token of windows of one length. Immutable.
 *
 * <p>Losses are in nats.
 */
public final class Losses {
  private final double[] sums;
  private final long windows;
  private final long correct;
  private final long bytes;

  /**
   * What was counted.
   *
   * @param sums of the losses at each position of the windows
   * @param correct tokens that were thought the likeliest; of equals, the smallest id
   * @param bytes of text that the predicted tokens stand for
   */
  public Losses(double[] sums, long windows, long correct, long bytes) {
    this.sums = sums.clone();
    this.windows = windows;
    this.correct = correct;
    this.bytes = bytes;
  }

  /** Tokens of a window. */
  public int context() {
    return sums.length;
  }

  /** Tokens predicted. */
  public long tokens() {
    return windows * sums.length;
  }

  /** Bytes of UTF-8 that they stand for. */
  public long bytes() {
    return bytes;
  }

  /** Mean loss of a token. */
  public double mean() {
    return mean(0, sums.length);
  }

  /** Mean loss at the positions from {@code from} to before {@code to} of the windows. */
  public double mean(int from, int to) {
    return IntStream.range(from, to).mapToDouble(position -> sums[position]).sum()
        / (windows * (to - from));
  }

  /** The exponential of the mean loss. */
  public double perplexity() {
    return StrictMath.exp(mean());
  }

  /** Bits that a byte of the text costs; none when the tokens stand for no text. */
  public OptionalDouble bitsPerByte() {
    return bytes == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(mean() * tokens() / (StrictMath.log(2) * bytes));
  }

  /** Share of tokens that were thought the likeliest. */
  public double accuracy() {
    return (double) correct / tokens();
  }
}
