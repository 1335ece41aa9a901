package io.shardfire.worker.bench;

import io.shardfire.kernels.bench.CopyBandwidth;
import io.shardfire.kernels.bench.MultiplyAddPeak;
import io.shardfire.kernels.device.CommandWork;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.Opcode;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * What the operations of a step take, each command run as a launch of its own.
 *
 * @param lines the longest first
 * @param flopsPerSecond multiply-add peak in fp32, median of one run before each step
 * @param bytesPerSecond of a copy, likewise
 */
public record StepProfile(List<Line> lines, double flopsPerSecond, double bytesPerSecond) {
  /** Copies. */
  public StepProfile {
    lines = List.copyOf(lines);
  }

  /**
   * Commands that do the same.
   *
   * @param shape of products, of operands that are packed, and of attention; else empty
   * @param count how many a step has
   * @param multiplyAdds of all of them
   * @param bytes of all of them
   * @param seconds of all of them, median of the steps
   */
  public record Line(
      Opcode opcode, String shape, int count, long multiplyAdds, long bytes, double seconds) {}

  /** Seconds of all commands. */
  public double seconds() {
    return lines.stream().mapToDouble(Line::seconds).sum();
  }

  /**
   * Least seconds for a line: its products at the multiply-add peak, or its bytes at the bandwidth
   * of a copy, whichever takes longer. Operands in a cache take less than this, and so do products
   * in bf16 by units other than vectors.
   */
  public double floorSeconds(Line line) {
    double products = 2.0 * line.multiplyAdds() / flopsPerSecond;
    return Math.max(products, line.bytes() / bytesPerSecond);
  }

  /** Profiles steps; {@code step} is called with 1, 2 and so on. */
  static StepProfile of(ComputeContext compute, int steps, IntConsumer step) {
    if (steps < 1) {
      throw new IllegalArgumentException("At least one step must be looked at: steps=" + steps);
    }
    MultiplyAddPeak peak = new MultiplyAddPeak(compute);
    CopyBandwidth copy = new CopyBandwidth(compute);
    double[] flops = new double[steps];
    double[] bytes = new double[steps];
    Map<List<Object>, Commands> alike = new LinkedHashMap<>();
    for (int k = 0; k < steps; k++) {
      int number = k + 1;
      flops[k] = peak.flopsPerSecond();
      bytes[k] = copy.bytesPerSecond();
      compute.profile(
          () -> step.accept(number),
          (work, nanos) ->
              alike
                  .computeIfAbsent(
                      List.of(work.opcode(), work.shape()), any -> new Commands(work, steps))
                  .add(work, number, nanos));
    }
    List<Line> lines =
        alike.values().stream()
            .map(Commands::line)
            .sorted(Comparator.comparingDouble(Line::seconds).reversed())
            .toList();
    return new StepProfile(lines, Medians.of(flops), Medians.of(bytes));
  }

  /** Adds up commands that do the same. */
  private static final class Commands {
    private final CommandWork first;
    private final double[] seconds;
    private int count;
    private long multiplyAdds;
    private long bytes;

    Commands(CommandWork first, int steps) {
      this.first = first;
      seconds = new double[steps];
    }

    void add(CommandWork work, int step, long nanos) {
      count++;
      multiplyAdds += work.multiplyAdds();
      bytes += work.bytes();
      seconds[step - 1] += nanos * 1e-9;
    }

    Line line() {
      int steps = seconds.length;
      return new Line(
          first.opcode(),
          first.shape(),
          count / steps,
          multiplyAdds / steps,
          bytes / steps,
          Medians.of(seconds));
    }
  }
}
