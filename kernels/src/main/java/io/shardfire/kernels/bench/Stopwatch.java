package io.shardfire.kernels.bench;

import io.shardfire.kernels.bench.Measurement.Unit;
import io.shardfire.kernels.device.CommandBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** Times command buffers and relates them to the ceilings, which are measured first. */
final class Stopwatch {
  private final int repetitions;
  private final Map<Unit, Double> ceilings = new EnumMap<>(Unit.class);

  Stopwatch(int repetitions) {
    this.repetitions = repetitions;
  }

  /** Times an operation and makes its rate the ceiling of its unit. */
  Measurement ceiling(
      String operation, String shape, double work, Unit unit, CommandBuffer commands) {
    double[] seconds = time(commands);
    ceilings.put(unit, work / seconds[0]);
    return measurement(operation, shape, work, unit, seconds, seconds[0]);
  }

  /** Times an operation. */
  Measurement measure(
      String operation,
      String shape,
      double work,
      Unit unit,
      double exponentials,
      CommandBuffer commands) {
    double floor = Math.max(work / ceilings.get(unit), exponentials / ceilings.get(Unit.GEXP));
    return measurement(operation, shape, work, unit, time(commands), floor);
  }

  private Measurement measurement(
      String operation, String shape, double work, Unit unit, double[] seconds, double floor) {
    return new Measurement(
        operation, shape, seconds[0], seconds[repetitions / 2], work, unit, floor);
  }

  /** Seconds of every repetition in ascending order, after one that is not counted. */
  private double[] time(CommandBuffer commands) {
    commands.run();
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      long start = System.nanoTime();
      commands.run();
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return seconds;
  }
}
