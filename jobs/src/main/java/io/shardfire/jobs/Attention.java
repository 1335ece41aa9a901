package io.shardfire.jobs;

import io.shardfire.jobs.command.AttentionOptions;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.OutputFile;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.AttentionPage;
import io.shardfire.jobs.session.ModelFolder;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.inspect.AttentionMaps;
import io.shardfire.worker.inspect.OpenModel;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what a model attends to, in this JVM. */
@Command(
    name = "attention",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Show what a model attends to in a text, as one page for a browser.",
      "",
      "The page holds the weights of every layer and head and needs nothing else: a map of each head,"
          + " and one of them large, with the tokens on both axes."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire attention -m runs/mine -t 'a large sea animal' -o attention.html",
      "  shardfire attention -m gpt2/ -t 'When Mary and John went to the store, John gave a drink to'"
          + " -o gpt2.html"
    })
public final class Attention implements Callable<Integer> {
  /** Of a page: two thirds of the bytes in a file of about 11 MB. */
  private static final long MOST_WEIGHTS = 1 << 22;

  @Mixin private AttentionOptions options;
  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Attention(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    OutputFile output = options.output();
    Configuration hadoop = new Configuration();
    try (OpenModel model =
        OpenModel.open(hadoop, ModelFolder.resolve(hadoop, options.model()), options.model())) {
      int[] ids = model.tokenizer().encode(options.text());
      requireFits(model.model(), ids.length);
      AttentionMaps maps = AttentionMaps.of(device.open(), model, ids);
      output.write(AttentionPage.of(model, ids, maps));
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "Wrote %d layers of %d heads for %d tokens to %s%n",
              maps.layers().size(),
              model.model().heads(),
              ids.length,
              output.path());
    }
    return ExitCode.OK;
  }

  private static void requireFits(ModelConfiguration model, int tokens) {
    long perPair = (long) model.layers() * model.heads();
    if (perPair * tokens * tokens > MOST_WEIGHTS) {
      throw new CommandException(
          "The page would be too large for a browser; give a shorter text: tokens="
              + tokens
              + ", most for this model="
              + (long) StrictMath.sqrt((double) MOST_WEIGHTS / perPair)
              + ", layers="
              + model.layers()
              + ", heads="
              + model.heads());
    }
  }
}
