package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Layer normalisation over the last dimension (Ba et al., 2016). */
public final class LayerNorm {
  private LayerNorm() {}

  /** y = (x-mean)*rstd*weight+bias for rows rows of width; saves stats[rows,2] = mean, rstd. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int width,
      float epsilon,
      Span x,
      Span weight,
      Span bias,
      Span y,
      Span stats) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * dx (added to when {@code accumulateInput}), dweight and dbias (added to when {@code
   * accumulateParameters}).
   */
  public static void backward(
      CommandRecorder recorder,
      int rows,
      int width,
      Span x,
      Span weight,
      Span stats,
      Span dy,
      Span dx,
      boolean accumulateInput,
      Span dweight,
      Span dbias,
      boolean accumulateParameters) {
    throw new UnsupportedOperationException("skeleton");
  }
}
