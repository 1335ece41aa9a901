package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** GELU, tanh form (Hendrycks and Gimpel, 2016). */
public final class Gelu {
  private Gelu() {}

  /** y = gelu(x). */
  public static void forward(CommandRecorder recorder, Span x, Span y) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** dx = dy * gelu'(x); dx may be dy. */
  public static void backward(CommandRecorder recorder, Span x, Span dy, Span dx) {
    throw new UnsupportedOperationException("skeleton");
  }
}
