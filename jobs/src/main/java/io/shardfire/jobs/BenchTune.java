package io.shardfire.jobs;

import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.TuningTable;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.DeviceRecords;
import io.shardfire.kernels.tuning.Tuner;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds the sizes of tiles and launches that are fastest on this machine, and writes them down. */
@Command(
    name = "tune",
    versionProvider = Versions.class,
    sortOptions = false,
    showDefaultValues = true,
    description = {
      "Find the sizes of tiles and launches that are fastest on this machine.",
      "",
      "Tries a few values of each against what is shipped for the device, side by side, and writes"
          + " those that are clearly faster to the record of the device, which all jobs on this machine then"
          + " use. No value changes a bit of any result. Takes some minutes; leave the machine"
          + " alone meanwhile."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire bench tune",
      "  shardfire bench tune --output tuned.properties",
      "  SHARDFIRE_JAVA_OPTIONS=-Dshardfire.kernels.record=tuned.properties shardfire bench kernels"
    })
final class BenchTune implements Callable<Integer> {
  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "The record to write; without it, that of the device in ~/.shardfire/devices.")
  private Path output;

  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ComputeContext compute = device.open();
    Path file = output == null ? DeviceRecords.userFile(compute.device()) : output;
    PrintWriter out = spec.commandLine().getOut();
    out.println("device  " + compute.device().name());
    out.println("record  " + compute.record());
    TuningTable table = new TuningTable(out);
    DeviceRecord found = Tuner.tune(compute, table, table::progress);
    DeviceRecords.write(found, file, compute.device().name());
    table.summary(found.differencesFrom(DeviceRecords.shipped(compute.device())), file);
    return ExitCode.OK;
  }
}
