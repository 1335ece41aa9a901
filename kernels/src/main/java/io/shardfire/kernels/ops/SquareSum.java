package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

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
    new Operands("SquareSum")
        .positive("length", x.length())
        .require(x.length() % BLOCK == 0, "must be a multiple of " + BLOCK, "length", x.length())
        .holds("out", out, 2L * (x.length() / BLOCK))
        .disjoint("x", x, "out", out);
    int blocks = x.length() / BLOCK;
    recorder.add(
        Command.of(
                Opcode.SQUARE_SUM,
                Operands.tiles(blocks, recorder.tuned(Tunable.SQUARE_SUM_BLOCKS_PER_TILE)))
            .read(x)
            .write(out.slice(0, 2 * blocks))
            .integer(blocks));
  }
}
