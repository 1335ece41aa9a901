package io.shardfire.jobs;

import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.MeasurementTable;
import io.shardfire.kernels.bench.KernelBenchmark;
import io.shardfire.kernels.device.ComputeContext;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times single kernels. */
@Command(
    name = "kernels",
    versionProvider = Versions.class,
    sortOptions = false,
    showDefaultValues = true,
    description =
        "Time every kernel at the shapes of common models, after the machine's ceilings. The floor"
            + " is the least time that the ceilings allow.",
    footerHeading = "%nExamples:%n",
    footer = {"  shardfire bench kernels", "  shardfire bench kernels --only MatMul"})
final class BenchKernels implements Callable<Integer> {
  @Option(names = "--repetitions", paramLabel = "N", defaultValue = "7", description = "Runs each.")
  private int repetitions;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only operations whose name contains this, and the ceilings.")
  private String only;

  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ComputeContext compute = device.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println("device  " + compute.device().name());
    out.println("record  " + compute.record());
    KernelBenchmark.run(
        compute, repetitions, operation -> operation.contains(only), new MeasurementTable(out));
    return ExitCode.OK;
  }
}
