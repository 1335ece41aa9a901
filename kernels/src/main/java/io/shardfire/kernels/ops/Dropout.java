package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/**
 * Inverted dropout from counter-based random numbers: the mask is a pure function of (key, stream,
 * element).
 */
public final class Dropout {
  private Dropout() {}

  /** Floats a key takes. */
  public static final int KEY_FLOATS = 4;

  /**
   * Which mask: rate in [0,1), the span holding the step's key, and a stream number unique to the
   * call site (layer and place).
   */
  public record Mask(float rate, Span key, int stream) {}

  /** Writes the key that {@link Mask} reads; call between runs. */
  public static void writeKey(Span span, long key) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** y = mask(x)/(1-rate) + residual; residual may be null; y may be x or residual. */
  public static void forward(CommandRecorder recorder, Mask mask, Span x, Span residual, Span y) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** dx = mask(dy)/(1-rate); dx may be dy. */
  public static void backward(CommandRecorder recorder, Mask mask, Span dy, Span dx) {
    throw new UnsupportedOperationException("skeleton");
  }
}
