package io.shardfire.kernels.bench;

import io.shardfire.kernels.bench.Measurement.Unit;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Times runs of commands and relates them to the ceilings. What a shared machine gives drifts
 * within seconds, memory and cores alike, so ceilings are measured again with every operation, in
 * turns.
 */
final class Stopwatch {
  /** Work that is done at the highest rate. */
  private record Ceiling(Runnable commands, double work) {}

  private final int repetitions;
  private final ToLongFunction<Runnable> nanosOf;
  private final Map<Unit, Ceiling> ceilings = new EnumMap<>(Unit.class);

  /**
   * A watch for so many runs of each operation.
   *
   * @param nanosOf runs commands and tells how long they took
   */
  Stopwatch(int repetitions, ToLongFunction<Runnable> nanosOf) {
    this.repetitions = repetitions;
    this.nanosOf = nanosOf;
  }

  /** Times an operation and makes its rate the ceiling of its unit. */
  Measurement ceiling(String operation, String shape, double work, Unit unit, Runnable commands) {
    commands.run();
    double[] seconds = new double[repetitions];
    Arrays.setAll(seconds, i -> time(commands));
    Arrays.sort(seconds);
    ceilings.put(unit, new Ceiling(commands, work));
    return measurement(operation, shape, work, unit, seconds, seconds[0]);
  }

  /**
   * Times an operation, after a run that is not counted.
   *
   * @param work of one operation
   * @param exponentials of one operation
   * @param operations how often a run of the commands holds it
   */
  Measurement measure(
      String operation,
      String shape,
      double work,
      Unit unit,
      double exponentials,
      Runnable commands,
      int operations) {
    Ceiling ceiling = ceilings.get(unit);
    Ceiling exponential = ceilings.get(Unit.GEXP);
    double ceilingSeconds = Double.POSITIVE_INFINITY;
    double exponentialSeconds = Double.POSITIVE_INFINITY;
    commands.run();
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      ceilingSeconds = Math.min(ceilingSeconds, time(ceiling.commands()));
      if (exponentials > 0) {
        exponentialSeconds = Math.min(exponentialSeconds, time(exponential.commands()));
      }
      seconds[i] = time(commands) / operations;
    }
    Arrays.sort(seconds);
    double floor = work / ceiling.work() * ceilingSeconds;
    if (exponentials > 0) {
      floor = Math.max(floor, exponentials / exponential.work() * exponentialSeconds);
    }
    return measurement(operation, shape, work, unit, seconds, floor);
  }

  private Measurement measurement(
      String operation, String shape, double work, Unit unit, double[] seconds, double floor) {
    return new Measurement(
        operation, shape, seconds[0], seconds[repetitions / 2], work, unit, floor);
  }

  private double time(Runnable commands) {
    return nanosOf.applyAsLong(commands) * 1e-9;
  }
}
