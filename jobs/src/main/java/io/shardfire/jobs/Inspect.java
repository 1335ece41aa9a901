package io.shardfire.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.SummaryText;
import io.shardfire.jobs.session.CheckpointPath;
import io.shardfire.sharding.checkpoint.CheckpointInspector;
import io.shardfire.sharding.checkpoint.CheckpointSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a checkpoint holds and whether it is whole. */
@Command(
    name = "inspect",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Show what a checkpoint holds; fail if a file of it is damaged.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire inspect runs/quickstart",
      "  shardfire inspect runs/quickstart/step-00001000",
      "  shardfire inspect --json hdfs:///runs/gpt2 | jq '.tensors[].name'"
    })
public final class Inspect implements Callable<Integer> {
  @Parameters(
      paramLabel = "FOLDER",
      description = "A run folder, for its newest checkpoint, or the folder of a checkpoint.")
  private String folder;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Inspect(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    CheckpointSummary summary =
        new BlockingCalls(spec.commandLine().getErr()::println)
            .run("the files of the checkpoint: folder=" + folder, this::summarize);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(summary));
    } else {
      new SummaryText(out).print(summary);
    }
    if (!summary.damage().isEmpty()) {
      spec.commandLine()
          .getErr()
          .println("error: the checkpoint is damaged: problems=" + summary.damage().size());
      return ExitCode.FAILURE;
    }
    return ExitCode.OK;
  }

  private CheckpointSummary summarize() throws IOException {
    CheckpointPath path = CheckpointPath.find(new Configuration(), folder);
    return CheckpointInspector.inspect(path.folder(), path.committedSteps());
  }
}
