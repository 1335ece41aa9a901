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
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Generator;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Sampling;
import io.shardfire.worker.inspect.AttendedText;
import io.shardfire.worker.inspect.AttentionMaps;
import io.shardfire.worker.inspect.OpenModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
      "The page holds the weights of every layer and head and needs nothing else: a map of each"
          + " head, and one of them large, with the tokens on both axes. Of an encoder-decoder it"
          + " shows how the source reads itself, how the target does, and how the target reads the"
          + " source."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire attention -m runs/mine -t 'a large sea animal' -o attention.html",
      "  shardfire attention -m gpt2/ -o gpt2.html \\",
      "      -t 'When Mary and John went to the store, John gave a drink to'",
      "  shardfire attention -m runs/numbers -t 'forty-two' --target 'quarante-deux' -o n.html"
    })
public final class Attention implements Callable<Integer> {
  /** Of a page: two thirds of the bytes in a file of about 11 MB. */
  private static final long MOST_WEIGHTS = 1 << 22;

  /** Tokens of a target that the model writes itself. */
  private static final int MOST_WRITTEN = 64;

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
      AttendedText text = text(hadoop, model);
      requireFits(model.model(), Math.max(text.ids().size(), text.source().size()));
      AttentionMaps maps = AttentionMaps.of(device.open(), model, text);
      output.write(AttentionPage.of(model, text, maps));
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "Wrote %d layers of %d heads for %s tokens to %s%n",
              maps.layers().size(),
              model.model().heads(),
              text.source().isEmpty()
                  ? text.ids().size()
                  : text.source().size() + " and " + text.ids().size(),
              output.path());
    }
    return ExitCode.OK;
  }

  private AttendedText text(Configuration hadoop, OpenModel model) throws IOException {
    if (!model.model().hasSource()) {
      if (options.target() != null) {
        throw new CommandException(
            "Only an encoder-decoder has a target; leave --target out: --target="
                + options.target()
                + ", kind="
                + model.model().kind());
      }
      return AttendedText.of(model, options.text());
    }
    return options.target() == null
        ? AttendedText.of(model, options.text(), written(hadoop, model))
        : AttendedText.of(model, options.text(), options.target());
  }

  /** What the model writes for the text, without the token that ends it. */
  private List<Integer> written(Configuration hadoop, OpenModel model) throws IOException {
    List<Integer> tokens = new ArrayList<>();
    int most = Math.min(model.model().context() - 1, MOST_WRITTEN);
    try (Generator generator =
        Generator.load(hadoop, ModelFolder.resolve(hadoop, options.model()), device.open(), 1)) {
      generator.generate(
          List.of(new Prompt(options.text(), 0)),
          GenerationOptions.of(Math.max(1, most), Sampling.GREEDY),
          continuation -> tokens.addAll(continuation.withoutEnd()));
    }
    return tokens;
  }

  private static void requireFits(ModelConfiguration model, int tokens) {
    long layers = model.layers() + (model.hasSource() ? model.layers() + model.sourceLayers() : 0L);
    long perPair = layers * model.heads();
    if (perPair * tokens * tokens > MOST_WEIGHTS) {
      throw new CommandException(
          "The page would be too large for a browser; give a shorter text: tokens="
              + tokens
              + ", most for this model="
              + (long) StrictMath.sqrt((double) MOST_WEIGHTS / perPair)
              + ", layers="
              + layers
              + ", heads="
              + model.heads());
    }
  }
}
