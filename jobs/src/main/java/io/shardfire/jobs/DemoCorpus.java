package io.shardfire.jobs;

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

/** Writes the demo corpus as a text file. */
@Command(
    name = "demo-corpus",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Write the demo corpus: the definitions and examples of WordNet 3.1, one a line.",
    footerHeading = "%nExample:%n",
    footer = "  shardfire demo-corpus --output demo/wordnet.txt")
public final class DemoCorpus implements Callable<Integer> {
  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "Text file to write; replaced if it exists.")
  private String output;

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
    long lines = WordNetGlosses.write(source(), new Configuration(), file);
    spec.commandLine().getOut().println("Wrote " + lines + " definitions to " + output);
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
