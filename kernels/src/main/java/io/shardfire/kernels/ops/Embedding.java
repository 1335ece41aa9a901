package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/**
 * Token and learned-position embedding. Ids are whole numbers stored as floats (exact below 2^24).
 */
public final class Embedding {
  private Embedding() {}

  /** out[r] = tokens[ids[r]] + positions[r mod time]; positions may be null. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span ids,
      Span tokens,
      Span positions,
      Span out) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * out[r] = tokens[ids[r]] + positions[position + r], position read from a one-float span at run
   * time.
   */
  public static void forwardAt(
      CommandRecorder recorder,
      int rows,
      int width,
      Span ids,
      Span position,
      Span tokens,
      Span positions,
      Span out) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * dtokens[ids[r]] += dx[r] in row order (always added); dpositions added to when {@code
   * accumulatePositions}.
   */
  public static void backward(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span ids,
      Span dx,
      Span dtokens,
      Span dpositions,
      boolean accumulatePositions) {
    throw new UnsupportedOperationException("skeleton");
  }
}
