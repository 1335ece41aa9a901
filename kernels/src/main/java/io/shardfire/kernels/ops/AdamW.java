package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** AdamW (Loshchilov and Hutter, 2019) with bias correction. */
public final class AdamW {
  private AdamW() {}

  /** Constants of a parameter group. */
  public record Group(float beta1, float beta2, float epsilon, float weightDecay) {}

  /**
   * Floats of the per-step scalars: learning rate, 1-beta1^t, 1-beta2^t, gradient scale (for
   * clipping).
   */
  public static final int STEP_FLOATS = 4;

  /**
   * Updates parameters and both moments; gradients are read and multiplied by the gradient scale.
   * All spans have one length.
   */
  public static void record(
      CommandRecorder recorder,
      Group group,
      Span parameters,
      Span gradients,
      Span firstMoment,
      Span secondMoment,
      Span step) {
    throw new UnsupportedOperationException("skeleton");
  }
}
