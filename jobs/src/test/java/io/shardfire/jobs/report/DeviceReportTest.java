package io.shardfire.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.bench.LaunchOverhead;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.worker.bench.TextTraining;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeviceReportTest {
  private static final TextTraining.Step START = new TextTraining.Step(4, 1, 7);
  private static final TextTraining.Step END = new TextTraining.Step(3, 2, 7);
  private static final CheckResult RIGHT = new CheckResult("Sum", 1e-7, 2e-7);

  private static DeviceReport report(
      CheckResult check, List<TextTraining.Step> first, List<TextTraining.Step> second) {
    ComputeDevice device =
        new ComputeDevice(0, ComputeDevice.Type.GPU, "G1", "Maker", "OpenCL 3.0", 8, 1L << 30);
    return new DeviceReport(
        List.of(),
        List.of(device),
        device,
        new DeviceReport.Software("1", "17", "gpu", "shipped defaults"),
        List.of(check),
        "0123",
        new DeviceReport.Learning("a text", "a model", first, second),
        List.of(),
        new LaunchOverhead(0, 0),
        List.of());
  }

  @Test
  void shouldAcceptADeviceThatLearnsToTheSameBits() {
    DeviceReport report = report(RIGHT, List.of(START, END), List.of(START, END));
    assertTrue(report.correct());
    assertTrue(MarkdownReport.of(report).startsWith("# G1: right\n"));
  }

  @Test
  void shouldNameWhatDeviates() {
    CheckResult wrong = new CheckResult("Product 3x5", Double.NaN, 2e-7);
    DeviceReport report = report(wrong, List.of(START, END), List.of(START, END));
    assertFalse(report.correct());
    String text = MarkdownReport.of(report);
    assertTrue(text.startsWith("# G1: WRONG\n"), text);
    assertTrue(text.contains("- WRONG: error NaN of 2.0e-07, Product 3x5\n"), text);
  }

  @Test
  void shouldRefuseADeviceThatDoesNotLearn() {
    DeviceReport report = report(RIGHT, List.of(START, START), List.of(START, START));
    assertFalse(report.correct());
    assertTrue(MarkdownReport.of(report).contains("4.0000 to 4.0000: DOES NOT LEARN"));
  }

  @Test
  void shouldSayWhereRunsPart() {
    DeviceReport report = report(RIGHT, List.of(START, END), List.of(START, START));
    assertEquals(1, report.learning().sameSteps());
    assertFalse(report.correct());
    assertTrue(MarkdownReport.of(report).contains("| OTHERS from step 2 on |"));
  }
}
