package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.MetricsLog;
import io.shardfire.driver.monitor.RunMonitor;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.recovery.FailureLog;
import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.driver.report.ReportCodec;
import io.shardfire.worker.train.TrainingListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriverReportsTest {
  private static final RankReport FAILED =
      new RankReport.Failed("h", "4", 7, FailureKind.PEER, "E", "Timed out", "trace");

  private static final RankReport STEPPED =
      new RankReport.Stepped(new TrainingListener.StepReport(3, 1, 1, 1, 64, 1, 0, 0, null, false));

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  /** A rank that was thought dead comes back after its successor has started. */
  @Test
  void shouldPutAsideWhatARankOfAnEarlierGenerationReports() throws IOException {
    FailureLog failures = new FailureLog();
    try (RunMonitor monitor = monitor()) {
      DriverReports reports = new DriverReports(new ExecutorWatch(), monitor);
      reports.begin(2, failures);
      for (RankReport late :
          List.of(FAILED, new RankReport.Evaluated(9, 1), new RankReport.Checkpointed(9, "x"))) {
        reports.accept(ReportCodec.encode(1, 0, late));
      }
      assertEquals(List.of(), failures.all());
      assertEquals("", printed.toString(StandardCharsets.UTF_8));

      reports.accept(ReportCodec.encode(2, 0, FAILED));
      reports.accept(ReportCodec.encode(2, 0, new RankReport.Evaluated(9, 1)));
    }
    assertEquals(1, failures.all().size());
    assertTrue(printed.toString(StandardCharsets.UTF_8).startsWith("step 9  validation loss 1.0"));
  }

  @Test
  void shouldTellWhetherThereAreStepsToSave() throws IOException {
    try (RunMonitor monitor = monitor()) {
      DriverReports reports = new DriverReports(new ExecutorWatch(), monitor);
      reports.begin(0, new FailureLog());
      assertFalse(reports.training());
      reports.accept(ReportCodec.encode(0, 0, STEPPED));
      assertTrue(reports.training());
      reports.accept(ReportCodec.encode(0, 1, FAILED));
      assertFalse(reports.training());

      reports.accept(ReportCodec.encode(0, 0, STEPPED));
      reports.begin(1, new FailureLog());
      assertFalse(reports.training());
    }
  }

  private RunMonitor monitor() throws IOException {
    MetricsLog metrics =
        MetricsLog.open(
            new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()), Clock.systemUTC());
    Console console =
        Console.on(
            new PrintStream(printed, true, StandardCharsets.UTF_8),
            Terminal.PLAIN,
            Clock.systemUTC());
    return new RunMonitor(console, metrics, 3, 20);
  }
}
