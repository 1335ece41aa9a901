package io.shardfire.jobs;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.session.SharedClasses;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.io.FileUtils;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Trains a tiny model in this JVM, which compiles the kernels and loads the classes of a run. The
 * launcher has Java archive those as it ends.
 */
@Command(
    name = "warm",
    versionProvider = Versions.class,
    sortOptions = false,
    description =
        "Make later starts on this machine faster: compile the kernels for its device, and archive"
            + " the classes that every start loads.",
    footerHeading = "%nExample:%n",
    footer = "  shardfire warm")
public final class Warm implements Callable<Integer> {
  private static final int NUMBERS = 4000;

  private static final String CONFIGURATION =
      """
      prepare: {tokenizer: bpe, vocabularySize: 300}
      model: {layers: 1, heads: 2, width: 32, context: 32}
      training: {steps: 2, microBatch: 2, logicalShards: 1, evaluateEvery: 0, evaluationBatches: 1,
        checkpointEvery: 0}
      """;

  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Warm(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.println("training a tiny model, which compiles the kernels: half a minute or so at first");
    Path folder = Files.createTempDirectory("shardfire-warm-");
    try {
      train(folder);
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
    out.println("kernels     compiled");
    Optional<SharedClasses> classes = SharedClasses.ofThisJvm();
    out.println(
        "classes     "
            + classes
                .map(shared -> "archived as this command ends: " + shared.archive())
                .orElse(
                    "not archived: this needs a cache folder that can be written to, no"
                        + " HADOOP_CONF_DIR or YARN_CONF_DIR, and no settings in conf but those of"
                        + " Log4j"));
    return ExitCode.OK;
  }

  /** Says nothing, unless it fails. */
  private static void train(Path folder) throws IOException {
    Path text = folder.resolve("numbers.txt");
    Files.writeString(
        text,
        IntStream.rangeClosed(1, NUMBERS)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining("\n", "", "\n")));
    Path configuration = folder.resolve("run.yaml");
    Files.writeString(configuration, CONFIGURATION);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream console = System.out;
    Configurator.setLevel("io.shardfire", Level.WARN);
    int code;
    try (PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8);
        PrintWriter writer = new PrintWriter(quiet, true, StandardCharsets.UTF_8)) {
      System.setOut(quiet);
      code =
          Commands.create(new Pretrain(), writer, writer)
              .execute(
                  "--master",
                  "local[1]",
                  "--prepare",
                  "--config",
                  configuration.toString(),
                  "--set",
                  "prepare.input=" + text,
                  "--data",
                  folder.resolve("corpus").toString(),
                  "--run",
                  folder.resolve("run").toString());
    } finally {
      System.setOut(console);
    }
    if (code != ExitCode.OK) {
      throw new CommandException(
          "A tiny model cannot be trained here; shardfire doctor tells what is missing: "
              + said.toString(StandardCharsets.UTF_8));
    }
  }
}
