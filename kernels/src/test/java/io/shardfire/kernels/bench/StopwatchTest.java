package io.shardfire.kernels.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.bench.Measurement.Unit;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs take as long as a test says: they move the clock themselves. */
class StopwatchTest {
  private static final double SECOND = 1e9;

  private long now;
  private final Stopwatch stopwatch = new Stopwatch(3, this::run);

  private long run(Runnable commands) {
    long before = now;
    commands.run();
    return now - before;
  }

  /** A warm-up, then three runs of these seconds. */
  private Runnable taking(double first, double second, double third) {
    Iterator<Double> seconds = List.of(100.0, first, second, third).iterator();
    return () -> now += Math.round(seconds.next() * SECOND);
  }

  private Runnable always(double seconds) {
    return () -> now += Math.round(seconds * SECOND);
  }

  @Test
  void shouldReportTheBestAndTheMiddleRunOfOneOperation() {
    stopwatch.ceiling("copy", "", 10, Unit.GB, always(1));

    Measurement measured = stopwatch.measure("twice", "", 5, Unit.GB, 0, taking(4, 2, 3), 2);

    assertEquals(1.0, measured.bestSeconds(), 1e-12);
    assertEquals(1.5, measured.medianSeconds(), 1e-12);
    assertEquals(0.5, measured.floorSeconds(), 1e-12);
    assertEquals(0.5, measured.shareOfCeiling(), 1e-12);
  }

  @Test
  void shouldTakeTheSlowerOfWorkAndExponentialsForTheFloor() {
    stopwatch.ceiling("copy", "", 10, Unit.GB, always(1));
    stopwatch.ceiling("exp peak", "", 100, Unit.GEXP, always(2));

    assertEquals(
        3.0,
        stopwatch.measure("exp-bound", "", 10, Unit.GB, 150, always(4), 1).floorSeconds(),
        1e-12);
    assertEquals(
        1.0,
        stopwatch.measure("memory-bound", "", 10, Unit.GB, 40, always(4), 1).floorSeconds(),
        1e-12);
  }

  @Test
  void shouldMeasureTheCeilingAgainWithEveryOperation() {
    double[] seconds = {1};
    stopwatch.ceiling("copy", "", 10, Unit.GB, () -> now += Math.round(seconds[0] * SECOND));
    seconds[0] = 2;

    assertEquals(
        2.0, stopwatch.measure("later", "", 10, Unit.GB, 0, always(4), 1).floorSeconds(), 1e-12);
  }
}
