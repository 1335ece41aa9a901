package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutorReportTest {
  private static ExecutorReport report(String id, ExecutorReport.Finding... findings) {
    return new ExecutorReport(
        "h" + id, id, 1, 2, 1, ComputeIdentity.NONE, new ArrayList<>(List.of(findings)));
  }

  @Test
  void shouldNameAProblemOnceWithAllItsExecutors() {
    ExecutorReport.Finding device = new ExecutorReport.Finding("No device", "Install one");
    ExecutorReport.Finding data = new ExecutorReport.Finding("Data missing", "Share it");

    List<Problem> problems =
        ExecutorReport.problems(
            List.of(report("0", device), report("1", device, data), report("2")));

    assertEquals(
        List.of(
            "On executor 1 (h1): Data missing. Share it.",
            "On executor 0 (h0), 1 (h1): No device. Install one."),
        problems.stream().map(Problem::toString).toList());
  }
}
