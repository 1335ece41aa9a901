package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: every job as a command. */
@Command(
    name = "shardfire",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Pre-trains transformers on a Spark cluster.",
    subcommands = {
      Prepare.class,
      Pretrain.class,
      Config.class,
      Generate.class,
      Evaluate.class,
      Fill.class,
      Embeddings.class,
      Attention.class,
      Inspect.class,
      Curves.class,
      Doctor.class,
      Warm.class,
      Bench.class,
      Baseline.class,
      DemoCorpus.class
    })
public final class Shardfire implements Runnable {
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the command that the arguments name. */
  public static void main(String[] arguments) {
    Commands.main(new Shardfire(), arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "No command given.");
  }
}
