package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/**
 * Softmax cross-entropy fused with its gradient. A negative target is ignored: loss 0, gradient 0.
 */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Per-row losses[rows]; logits[rows, stride] become gradients times {@code gradientScale},
   * padding columns zero.
   */
  public static void forwardBackward(
      CommandRecorder recorder,
      int rows,
      int vocabulary,
      Span logits,
      int stride,
      Span targets,
      Span losses,
      float gradientScale) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Per-row losses only; logits are kept. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int vocabulary,
      Span logits,
      int stride,
      Span targets,
      Span losses) {
    throw new UnsupportedOperationException("skeleton");
  }
}
