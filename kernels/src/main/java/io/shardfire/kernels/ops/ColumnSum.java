package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Sums over rows in a fixed order: the gradient of a bias. */
public final class ColumnSum {
  private ColumnSum() {}

  /** out[columns] (added to when {@code accumulate}) = sum over rows of x[rows, stride]. */
  public static void record(
      CommandRecorder recorder,
      int rows,
      int columns,
      Span x,
      int stride,
      Span out,
      boolean accumulate) {
    throw new UnsupportedOperationException("skeleton");
  }
}
