package io.shardfire.jobs;

import io.shardfire.driver.corpus.NumberNames;
import io.shardfire.driver.corpus.WordNetGlosses;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a demo corpus as a text file: definitions, or with {@code --numbers} pairs. */
@Command(
    name = "demo-corpus",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Write a demo corpus.",
      "The definitions and examples of WordNet 3.1, one a line; or numbers spelled in English and",
      "French, a pair a line, every tenth of them in a file of its own."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire demo-corpus --output demo/wordnet.txt",
      "  shardfire demo-corpus --numbers 20000 --output demo/numbers.tsv"
    })
public final class DemoCorpus implements Callable<Integer> {
  private static final int LARGEST_LIMIT = 10_000_000;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Text file to write; replaced if it exists.")
  private String output;

  @Option(
      names = "--numbers",
      paramLabel = "LIMIT",
      description = {
        "Write pairs instead: the numbers from 0 to before LIMIT in English and in",
        "French. Those held out go to FILE.held-out."
      })
  private Integer limit;

  @Option(
      names = "--wordnet",
      paramLabel = "JAR",
      description =
          "Jar or folder with WordNet's data files. Default: the one in the distribution.")
  private Path wordnet;

  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new DemoCorpus(), arguments);
  }

  @Override
  public Integer call() {
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(output);
    if (limit != null) {
      return numbers(file);
    }
    long lines = WordNetGlosses.write(source(), new Configuration(), file);
    spec.commandLine().getOut().println("Wrote " + lines + " definitions to " + output);
    return ExitCode.OK;
  }

  private int numbers(org.apache.hadoop.fs.Path file) {
    if (limit < 2 * NumberNames.HELD_OUT || limit > LARGEST_LIMIT) {
      throw new CommandException(
          "Give --numbers a limit from "
              + 2 * NumberNames.HELD_OUT
              + " to "
              + LARGEST_LIMIT
              + ": --numbers "
              + limit);
    }
    org.apache.hadoop.fs.Path heldOut = file.suffix(".held-out");
    NumberNames.Counts counts = NumberNames.write(limit, new Configuration(), file, heldOut);
    spec.commandLine()
        .getOut()
        .println(
            "Wrote "
                + counts.train()
                + " pairs to "
                + file
                + ", and "
                + counts.heldOut()
                + " that are held out to "
                + heldOut);
    return ExitCode.OK;
  }

  private Path source() {
    if (wordnet != null) {
      return wordnet;
    }
    String home = System.getProperty("shardfire.home");
    if (home == null) {
      throw new CommandException(
          "Not started from a distribution, which has WordNet in data/; give --wordnet JAR");
    }
    return Path.of(home, "data", "wordnet-3.1.jar");
  }
}
