package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Copy, fill and sum of spans of equal length. */
public final class Elementwise {
  private Elementwise() {}

  /** y = x. */
  public static void copy(CommandRecorder recorder, Span x, Span y) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** y = value. */
  public static void fill(CommandRecorder recorder, Span y, float value) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** out = a + b; out may be a or b. */
  public static void add(CommandRecorder recorder, Span a, Span b, Span out) {
    throw new UnsupportedOperationException("skeleton");
  }
}
