package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.doctor.Checks;
import io.shardfire.jobs.doctor.DoctorReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Checks that this machine can train and generate. */
@Command(
    name = "doctor",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Check Java, memory, Spark, OpenCL devices, kernels and the tokenizer library.",
    footerHeading = "%nExample:%n",
    footer = "  shardfire doctor")
public final class Doctor implements Callable<Integer> {
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Doctor(), arguments);
  }

  @Override
  public Integer call() {
    int failures = new DoctorReport(spec.commandLine().getOut()).run(Checks.all(System.getenv()));
    if (failures > 0) {
      spec.commandLine().getErr().println("error: " + failures + " of the checks failed.");
      return ExitCode.FAILURE;
    }
    return ExitCode.OK;
  }
}
