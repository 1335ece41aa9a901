package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Opcode;

/**
 * Multiply-adds in registers: the ceiling of products and of attention. What a shared machine gives
 * drifts, so measure it in turn with what is compared. Confined to one thread.
 */
public final class MultiplyAddPeak {
  static final int TILES_PER_COMPUTE_UNIT = 32;
  static final int ROUNDS = 20_000;
  private static final int ACCUMULATORS = 12;

  private final int chains;
  private final double flops;
  private final CommandBuffer commands;

  /** Allocates and runs once. */
  public MultiplyAddPeak(ComputeContext context) {
    chains = context.lanes() * context.form().groupItems();
    int tiles = tiles(context);
    flops = 2.0 * ACCUMULATORS * chains * ROUNDS * tiles;
    DeviceMemory memory = context.newMemory();
    Arena arena = memory.allocate("multiply-add peak", tiles);
    CommandRecorder recorder = memory.record("multiply-add peak");
    recorder.add(
        Command.of(Opcode.MULTIPLY_ADD_PEAK, tiles)
            .write(arena.span(0, tiles))
            .integer(ROUNDS)
            .real(1f));
    commands = recorder.finish();
    commands.run();
  }

  static int tiles(ComputeContext context) {
    return TILES_PER_COMPUTE_UNIT * context.device().computeUnits();
  }

  /** Floats that a tile works on side by side: a vector, or an item each. */
  int chains() {
    return chains;
  }

  /** Floating-point operations of a run. */
  double flops() {
    return flops;
  }

  void run() {
    commands.run();
  }

  /** Floating-point operations per second of one run. */
  public double flopsPerSecond() {
    long started = System.nanoTime();
    run();
    return flops / ((System.nanoTime() - started) * 1e-9);
  }
}
