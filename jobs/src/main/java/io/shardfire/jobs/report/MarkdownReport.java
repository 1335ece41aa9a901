package io.shardfire.jobs.report;

import io.shardfire.kernels.bench.Measurement;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.CheckResult;
import java.util.Comparator;
import java.util.Locale;

/** Writes a {@link DeviceReport} to be read. */
public final class MarkdownReport {
  private static final double MILLIS = 1e3;
  private static final double MICROS = 1e6;
  private static final double PERCENT = 100;
  private static final long MEBI = 1L << 20;

  private final StringBuilder text = new StringBuilder();

  private MarkdownReport() {}

  /** The whole report. */
  public static String of(DeviceReport report) {
    MarkdownReport markdown = new MarkdownReport();
    markdown.head(report);
    markdown.correctness(report);
    markdown.steps(report);
    markdown.kernels(report);
    return markdown.text.toString();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void head(DeviceReport report) {
    DeviceReport.Software software = report.software();
    line("# %s: %s", report.device().name().strip(), report.correct() ? "right" : "WRONG");
    line("");
    for (ComputeDevice device : report.devices()) {
      line(
          "- device %d: %s %s, %s %s, %d compute units, %d MiB%s",
          device.index(),
          device.type(),
          device.name().strip(),
          device.vendor().strip(),
          device.version().strip(),
          device.computeUnits(),
          device.memoryBytes() / MEBI,
          device.index() == report.device().index() ? " (examined)" : "");
    }
    line(
        "- shardfire %s, Java %s, %s forms of the kernels, device record: %s",
        software.shardfire(), software.java(), software.form(), software.record());
    report.notes().forEach(note -> line("- %s", note));
    line("");
  }

  private void correctness(DeviceReport report) {
    DeviceReport.Learning learning = report.learning();
    CheckResult worst =
        report.checks().stream()
            .filter(check -> check.tolerance() > 0)
            .max(Comparator.comparingDouble(check -> check.maxError() / check.tolerance()))
            .orElseThrow();
    line("## Results");
    line("");
    line("| what | found |");
    line("|---|---|");
    line(
        "| operations beside their references | %d of %d within tolerance; nearest to it %.2f of it,"
            + " %s |",
        report.checks().size() - report.failures().size(),
        report.checks().size(),
        worst.maxError() / worst.tolerance(),
        worst.name());
    line(
        "| loss over %d steps on %s | %.4f to %.4f: %s |",
        learning.first().size(),
        learning.text(),
        learning.firstLoss(),
        learning.lastLoss(),
        learning.learned() ? "learns" : "DOES NOT LEARN");
    line(
        "| bits of the same training once more | %s |",
        learning.repeatable()
            ? "the same in every step"
            : "OTHERS from step " + (learning.sameSteps() + 1) + " on");
    line("| fingerprint of training | `%s` |", report.fingerprint());
    line("");
    for (CheckResult failure : report.failures()) {
      line(
          "- WRONG: error %.1e of %.1e, %s",
          failure.maxError(), failure.tolerance(), failure.name());
    }
    line("Trained: %s", learning.model());
    line("");
  }

  private void steps(DeviceReport report) {
    line("## Training steps");
    line("");
    line(
        "Forward, backward and AdamW, fp32, random tokens; a launch costs %.1f us, a phase %.1f us"
            + " beside its work.",
        report.launches().launchSeconds() * MICROS, report.launches().phaseSeconds() * MICROS);
    line("");
    line(
        "| model | batch | tokens/s, best | median | median step | of it on the device | launches |");
    line("|---|---|---|---|---|---|---|");
    for (DeviceReport.ModelSteps model : report.steps()) {
      line(
          "| %s | %d x %d | %.0f | %.0f | %.2f ms | %.0f%% | %.0f |",
          model.model(),
          model.batch(),
          model.context(),
          model.result().bestTokensPerSecond(),
          model.result().medianTokensPerSecond(),
          model.result().medianSeconds() * MILLIS,
          PERCENT * model.result().deviceSeconds() / model.result().medianSeconds(),
          model.result().phasesPerStep());
    }
    line("");
  }

  private void kernels(DeviceReport report) {
    line("## Kernels");
    line("");
    line("The floor is the least time that the ceilings, the first three lines, allow.");
    line("");
    line("| operation | shape | best | unit | ms | share of floor: best | median |");
    line("|---|---|---|---|---|---|---|");
    for (Measurement kernel : report.kernels()) {
      line(
          "| %s | %s | %.1f | %s/s | %.4f | %.0f%% | %.0f%% |",
          kernel.operation(),
          kernel.shape(),
          kernel.bestRate(),
          kernel.unit(),
          kernel.bestSeconds() * MILLIS,
          PERCENT * kernel.shareOfCeiling(),
          PERCENT * kernel.floorSeconds() / kernel.medianSeconds());
    }
  }
}
