package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Root mean square normalisation over the last dimension (Zhang and Sennrich, 2019). */
public final class RmsNorm {
  private RmsNorm() {}

  /** y = x*rstd*weight for rows rows of width; saves stats[rows] = rstd. y may be x. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int width,
      float epsilon,
      Span x,
      Span weight,
      Span y,
      Span stats) {
    Normalization.RMS.forward(
        recorder, new Normalization.Forward(rows, width, epsilon, x, weight, null, y, stats));
  }

  /**
   * sum = x + residual and y = norm(sum), in one pass; sum may be x or residual. The gradient of
   * both addends is that of the sum: {@link #backward} with the sum as x, accumulating where the
   * sum also goes elsewhere.
   */
  public static void forwardResidual(
      CommandRecorder recorder,
      int rows,
      int width,
      float epsilon,
      Span x,
      Span residual,
      Span weight,
      Span sum,
      Span y,
      Span stats) {
    Normalization.RMS.forwardResidual(
        recorder,
        new Normalization.Forward(rows, width, epsilon, x, weight, null, y, stats),
        residual,
        sum);
  }

  /**
   * dx (added to when {@code accumulateInput}; may be dy otherwise) and dweight (added to when
   * {@code accumulateWeight}).
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
      boolean accumulateWeight) {
    Normalization.RMS.backward(
        recorder,
        new Normalization.Backward(
            rows,
            width,
            x,
            weight,
            stats,
            dy,
            dx,
            accumulateInput,
            dweight,
            null,
            accumulateWeight));
  }
}
