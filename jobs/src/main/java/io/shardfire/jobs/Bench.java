package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measurements on this machine, in this JVM. */
@Command(
    name = "bench",
    versionProvider = Versions.class,
    sortOptions = false,
    description =
        "Measure training steps, generation or single kernels, tune the kernels, or examine a device.",
    subcommands = {
      BenchStep.class,
      BenchGenerate.class,
      BenchKernels.class,
      BenchTune.class,
      BenchDevice.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire bench step --layers 6 --heads 6 --width 384 --context 256 --batch 4",
      "  shardfire bench generate --preset gpt2",
      "  shardfire bench kernels",
      "  shardfire bench tune",
      "  shardfire bench device --device gpu --output report"
    })
public final class Bench implements Runnable {
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Bench(), arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to measure: step, generate, kernels, tune or device.");
  }
}
