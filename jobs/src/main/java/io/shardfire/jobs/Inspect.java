package io.shardfire.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.CorpusSummary;
import io.shardfire.jobs.output.ModelSummary;
import io.shardfire.jobs.output.SummaryText;
import io.shardfire.jobs.session.CheckpointPath;
import io.shardfire.sharding.checkpoint.CheckpointInspector;
import io.shardfire.sharding.checkpoint.CheckpointSummary;
import io.shardfire.sharding.checkpoint.ModelFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
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
    description = {
      "Show what a checkpoint or a Hugging Face folder holds, or where a corpus came from.",
      "",
      "Fails if a file of a checkpoint is damaged, or if a folder's tensors are not those of its"
          + " config.json."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire inspect runs/quickstart",
      "  shardfire inspect runs/quickstart/step-00001000",
      "  shardfire inspect corpora/mine",
      "  shardfire inspect --json hdfs:///runs/gpt2 | jq '.tensors[].name'"
    })
public final class Inspect implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Parameters(
      paramLabel = "FOLDER",
      description = {
        "A run folder, for its newest checkpoint, the folder of a checkpoint,",
        "a Hugging Face folder, or a prepared corpus."
      })
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
    Configuration hadoop = new Configuration();
    BlockingCalls calls = new BlockingCalls(spec.commandLine().getErr()::println);
    String what = "the files of the checkpoint: folder=" + folder;
    if (calls.run(what, () -> CheckpointPath.isCorpus(hadoop, folder))) {
      return show(calls.run(what, () -> CorpusSummary.read(hadoop, folder)));
    }
    return calls.run(what, () -> CheckpointPath.isModel(hadoop, folder))
        ? show(calls.run(what, () -> model(hadoop)))
        : show(calls.run(what, () -> summarize(hadoop)));
  }

  private int show(CheckpointSummary summary) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(summary));
    } else {
      new SummaryText(out).print(summary);
    }
    return conclude("the checkpoint is damaged", summary.damage());
  }

  private int show(ModelSummary summary) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(summary));
    } else {
      new SummaryText(out).print(summary);
    }
    return conclude("the model cannot be used", summary.problems());
  }

  private int show(CorpusSummary summary) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(summary));
    } else {
      summary.print(out);
    }
    return ExitCode.OK;
  }

  private int conclude(String what, List<String> problems) {
    if (problems.isEmpty()) {
      return ExitCode.OK;
    }
    spec.commandLine().getErr().println("error: " + what + ": problems=" + problems.size());
    return ExitCode.FAILURE;
  }

  private CheckpointSummary summarize(Configuration hadoop) throws IOException {
    CheckpointPath path = CheckpointPath.find(hadoop, folder);
    return CheckpointInspector.inspect(path.folder(), path.committedSteps());
  }

  private ModelSummary model(Configuration hadoop) {
    try (ModelFolder opened = ModelFolder.open(hadoop, new Path(folder))) {
      return ModelSummary.of(opened, folder);
    }
  }
}
