package io.shardfire.kernels.bench;

import io.shardfire.kernels.bench.Measurement.Unit;
import io.shardfire.kernels.device.CommandBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Times command buffers and relates them to the ceilings, which are measured first. The bandwidth
 * of a shared machine drifts, so the ceiling of an operation that is bound by memory is measured
 * again with it, in turns.
 */
final class Stopwatch {
  /** A ceiling: work that is done in the least time, and the fastest so far. */
  private record Ceiling(CommandBuffer commands, double work, double seconds) {
    double rate() {
      return work / seconds;
    }
  }

  private final int repetitions;
  private final Map<Unit, Ceiling> ceilings = new EnumMap<>(Unit.class);

  Stopwatch(int repetitions) {
    this.repetitions = repetitions;
  }

  /** Times an operation and makes its rate the ceiling of its unit. */
  Measurement ceiling(
      String operation, String shape, double work, Unit unit, CommandBuffer commands) {
    commands.run();
    double[] seconds = new double[repetitions];
    Arrays.setAll(seconds, i -> time(commands));
    Arrays.sort(seconds);
    ceilings.put(unit, new Ceiling(commands, work, seconds[0]));
    return measurement(operation, shape, work, unit, seconds, seconds[0]);
  }

  /** Times an operation, after a run that is not counted. */
  Measurement measure(
      String operation,
      String shape,
      double work,
      Unit unit,
      double exponentials,
      CommandBuffer commands) {
    Ceiling ceiling = ceilings.get(unit);
    double ceilingSeconds = unit == Unit.GB ? Double.POSITIVE_INFINITY : ceiling.seconds();
    commands.run();
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      if (unit == Unit.GB) {
        ceilingSeconds = Math.min(ceilingSeconds, time(ceiling.commands()));
      }
      seconds[i] = time(commands);
    }
    Arrays.sort(seconds);
    double floor =
        Math.max(
            work / ceiling.work() * ceilingSeconds, exponentials / ceilings.get(Unit.GEXP).rate());
    return measurement(operation, shape, work, unit, seconds, floor);
  }

  private Measurement measurement(
      String operation, String shape, double work, Unit unit, double[] seconds, double floor) {
    return new Measurement(
        operation, shape, seconds[0], seconds[repetitions / 2], work, unit, floor);
  }

  private static double time(CommandBuffer commands) {
    long start = System.nanoTime();
    commands.run();
    return (System.nanoTime() - start) * 1e-9;
  }
}
