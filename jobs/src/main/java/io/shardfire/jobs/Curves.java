package io.shardfire.jobs;

import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.driver.monitor.TrainingHistory;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.OutputFile;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.LossAxis;
import io.shardfire.jobs.output.LossCurves;
import io.shardfire.jobs.output.NamedRun;
import io.shardfire.jobs.output.RunTable;
import java.io.IOException;
import java.util.ArrayList;
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

/** Compares the losses of runs, whether they have ended or not. */
@Command(
    name = "curves",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Compare the losses of runs, as a table and as a picture.",
      "",
      "Reads what pretrain records in the run folder, also while it trains. The table has the mean"
          + " loss of the last 100 steps, and the lowest loss on the validation split."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire curves runs/quickstart",
      "  shardfire curves runs/rope runs/alibi --plot losses.svg",
      "  shardfire curves runs/small runs/large --over tokens --from 500 --plot losses.svg"
    })
public final class Curves implements Callable<Integer> {
  /** Of the longest run, the part that a picture leaves out: losses fall too far in it. */
  private static final int UNSEEN = 20;

  @Parameters(paramLabel = "RUN", arity = "1..*", description = "Run folders.")
  private List<String> runs;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Also draw the losses, as SVG; replaced if it exists.")
  private java.nio.file.Path plot;

  @Option(
      names = "--over",
      paramLabel = "AXIS",
      defaultValue = "steps",
      description = "What to draw them over: steps, tokens or seconds. Default: ${DEFAULT-VALUE}.")
  private LossAxis axis;

  @Option(
      names = "--from",
      paramLabel = "STEP",
      description = {
        "The first step that is drawn.",
        "Default: behind a twentieth of the longest run."
      })
  private Long from;

  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Curves(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    OutputFile picture = plot == null ? null : OutputFile.of("--plot", plot);
    List<NamedRun> read = new ArrayList<>();
    Configuration hadoop = new Configuration();
    BlockingCalls calls = new BlockingCalls(spec.commandLine().getErr()::println);
    for (String run : runs) {
      read.add(
          new NamedRun(
              run,
              calls.run(
                  "the metrics of a run: run=" + run,
                  () -> TrainingHistory.read(hadoop, new Path(run)))));
    }
    long first = first(read);
    new RunTable(spec.commandLine().getOut()).print(read);
    if (picture != null) {
      picture.write(LossCurves.of(read, axis, first));
    }
    return ExitCode.OK;
  }

  private long first(List<NamedRun> read) {
    long longest = read.stream().mapToLong(NamedRun::steps).max().orElseThrow();
    if (from == null) {
      return longest / UNSEEN;
    }
    if (from < 0 || from >= longest) {
      throw new CommandException(
          "No run has come as far; name an earlier step: --from=" + from + ", steps=" + longest);
    }
    return from;
  }
}
