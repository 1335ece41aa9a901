package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Layer normalisation over the last dimension (Ba et al., 2016). */
public final class LayerNorm {
  private LayerNorm() {}

  /**
   * y = (x-mean)*rstd*weight+bias for rows rows of width; saves stats[rows,2] = mean, rstd. y may
   * be x.
   */
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
    Normalization.LAYER.forward(
        recorder, new Normalization.Forward(rows, width, epsilon, x, weight, bias, y, stats));
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
      Span bias,
      Span sum,
      Span y,
      Span stats) {
    Normalization.LAYER.forwardResidual(
        recorder,
        new Normalization.Forward(rows, width, epsilon, x, weight, bias, y, stats),
        residual,
        sum);
  }

  /**
   * dx (added to when {@code accumulateInput}; may be dy otherwise), dweight and dbias (added to
   * when {@code accumulateParameters}).
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
    Normalization.LAYER.backward(
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
            dbias,
            accumulateParameters));
  }
}
