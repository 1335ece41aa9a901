package io.shardfire.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.report.DeviceExamination;
import io.shardfire.jobs.report.DeviceReport;
import io.shardfire.jobs.report.MarkdownReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks and measures a device from end to end and writes a report. */
@Command(
    name = "device",
    versionProvider = Versions.class,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Check and measure a device from end to end, and write a report.",
      "",
      "Compares every kernel with its reference, trains a small model twice and compares the bits,"
          + " times whole training steps and every kernel against the device's own ceilings. Ends with"
          + " exit code 1 when anything is wrong."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire bench device --device gpu --output report",
      "  shardfire bench device --quick --only MatMul"
    })
final class BenchDevice implements Callable<Integer> {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      defaultValue = "device-report",
      description = "Where report.md and report.json go; replaced if they exist.")
  private Path output;

  @Option(names = "--quick", description = "Smaller models, fewer steps.")
  private boolean quick;

  @Option(names = "--repetitions", paramLabel = "N", defaultValue = "5", description = "Runs each.")
  private int repetitions;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Measure only operations whose name contains this, and the ceilings.")
  private String only;

  @Option(
      names = "--note",
      paramLabel = "TEXT",
      description = "A line for the report, such as the driver's version; may be repeated.")
  private List<String> notes = List.of();

  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    DeviceExamination.Extent extent = new DeviceExamination.Extent(quick, only, repetitions);
    DeviceReport report = new DeviceExamination(device.open(), extent, out).run(notes);
    Path markdown = output.resolve("report.md");
    Files.createDirectories(output);
    Files.writeString(markdown, MarkdownReport.of(report));
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(output.resolve("report.json").toFile(), report);
    out.println("report  " + markdown);
    if (!report.correct()) {
      spec.commandLine()
          .getErr()
          .println("error: the device computes wrong results; see " + markdown);
      return ExitCode.FAILURE;
    }
    return ExitCode.OK;
  }
}
