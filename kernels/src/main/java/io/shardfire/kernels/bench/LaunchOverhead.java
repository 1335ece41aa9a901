package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.ColumnSum;
import java.util.Arrays;

/**
 * What running command buffers costs apart from their work, each the median of several runs.
 *
 * @param launchSeconds waking the device's threads, checking the arenas, returning
 * @param phaseSeconds handing out tiles, and waiting until the last one of the phase is done
 */
public record LaunchOverhead(double launchSeconds, double phaseSeconds) {
  /** Takes far longer than waking the threads, so that all of them take part. */
  private static final int PHASES = 4096;

  /** On a GPU every phase is a launch, and as long as the next. */
  private static final int GPU_PHASES = 64;

  /**
   * Times buffers of one phase, of many, and of twice as many, that have next to nothing to do: two
   * tiles per thread that copy a few floats.
   */
  public static LaunchOverhead measure(ComputeContext context, int repetitions) {
    if (repetitions < 1) {
      throw new IllegalArgumentException(
          "repetitions must be at least 1: repetitions=" + repetitions);
    }
    int tileColumns = 2 * context.lanes();
    int columns = 2 * context.device().computeUnits() * tileColumns;
    OffsetAllocator offsets = new OffsetAllocator();
    int x = offsets.allocate("x", columns);
    int y = offsets.allocate("y", columns);
    DeviceMemory memory = context.newMemory();
    Arena arena = memory.allocate("launches", offsets.size());
    Span first = arena.span(x, columns);
    Span second = arena.span(y, columns);
    int phases = context.form() == KernelForm.GPU ? GPU_PHASES : PHASES;
    double one = medianSeconds(chain(memory, first, second, 1), repetitions);
    double many = medianSeconds(chain(memory, first, second, phases), repetitions);
    double twice = medianSeconds(chain(memory, first, second, 2 * phases), repetitions);
    double phase = Math.max(0, (twice - many) / phases);
    return new LaunchOverhead(Math.max(0, one - phase), phase);
  }

  /** Seconds of so many launches with so many phases in all. */
  public double seconds(double launches, double phases) {
    return launches * launchSeconds + phases * phaseSeconds;
  }

  /** Every command reads what the one before wrote, so each is a phase. */
  private static CommandBuffer chain(DeviceMemory memory, Span first, Span second, int phases) {
    CommandRecorder recorder = memory.record("launches");
    int columns = first.length();
    for (int phase = 0; phase < phases; phase++) {
      Span x = phase % 2 == 0 ? first : second;
      Span y = phase % 2 == 0 ? second : first;
      ColumnSum.record(recorder, 1, columns, x, columns, y, false);
    }
    return recorder.finish();
  }

  private static double medianSeconds(CommandBuffer commands, int repetitions) {
    commands.run();
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      long start = System.nanoTime();
      commands.run();
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return seconds[repetitions / 2];
  }
}
