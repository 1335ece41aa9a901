package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/** Sums of squares per fixed block, so that a norm does not depend on sharding. */
public final class SquareSum {
  private SquareSum() {}

  /** Floats per block. */
  public static final int BLOCK = 1024;

  /**
   * out[2*b], out[2*b+1] = high and low float of the double sum of squares of block b of x; length
   * a multiple of BLOCK.
   */
  public static void record(CommandRecorder recorder, Span x, Span out) {
    throw new UnsupportedOperationException("skeleton");
  }
}
