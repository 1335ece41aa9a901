package io.shardfire.driver.monitor;

import static io.shardfire.driver.monitor.Steps.step;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StepLineTest {
  private final StepStatistics statistics = new StepStatistics();

  private String line(int columns) {
    statistics.add(step(41, 3.0));
    statistics.add(step(42, 2.0));
    return StepLine.of(step(42, 2.0), 2000, statistics, columns);
  }

  @Test
  void shouldSayEverythingWhereThereIsRoom() {
    assertEquals(
        "step   42/2000  loss 2.0000  smoothed 2.4872  lr 6.0e-4  norm 0.88  8.19k tok/s"
            + "  comm 10%  16m19s left",
        line(120));
  }

  @Test
  void shouldSayThatStepsWaitForData() {
    statistics.add(step(42, 2.0, 0.034));
    assertTrue(
        StepLine.of(step(42, 2.0), 2000, statistics, 120).contains("  comm 10%  data 3%  16m"),
        StepLine.of(step(42, 2.0), 2000, statistics, 120));
  }

  @Test
  void shouldLeaveOutTheLeastImportantFirst() {
    assertEquals(
        "step   42/2000  loss 2.0000  smoothed 2.4872  lr 6.0e-4  8.19k tok/s  16m19s left",
        line(88));
    assertEquals("step   42/2000  loss 2.0000  8.19k tok/s  16m19s left", line(60));
    assertEquals("step   42/2000  loss 2.0000", line(20));
  }

  @Test
  void shouldFitEveryWidth() {
    for (int columns = 28; columns <= 130; columns++) {
      String line = line(columns);
      assertTrue(line.length() < columns, columns + ": " + line);
    }
  }

  @Test
  void shouldShowALossThatIsNotFinite() {
    statistics.add(step(1, Double.NaN));
    assertTrue(
        StepLine.of(step(1, Double.NaN), 9, statistics, 100).startsWith("step 1/9  loss NaN"));
  }
}
