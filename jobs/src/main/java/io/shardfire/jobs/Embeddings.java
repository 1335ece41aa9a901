package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.EmbeddingsOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.NeighbourTable;
import io.shardfire.jobs.output.ProjectorFiles;
import io.shardfire.jobs.session.ModelFolder;
import io.shardfire.worker.inspect.OpenModel;
import io.shardfire.worker.inspect.TokenVectors;
import io.shardfire.worker.inspect.TokenVectors.Word;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows and exports the vectors of a model's tokens. */
@Command(
    name = "embeddings",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Show which tokens of a model have vectors alike, and export them.",
      "",
      "Nearness is the cosine of the angle between two vectors. A word of several tokens has the mean"
          + " of their vectors. Byte-level tokenizers know a word inside a text by the blank before"
          + " it: write ' whale'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire embeddings -m runs/mine --nearest ' whale'",
      "  shardfire embeddings -m gpt2/ --analogy ' king' ' man' ' woman'",
      "  shardfire embeddings -m runs/mine --export projector && tensorboard --logdir projector"
    })
public final class Embeddings implements Callable<Integer> {
  @Mixin private EmbeddingsOptions options;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Embeddings(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    List<String> analogy = options.analogy();
    if (options.nearest().isEmpty() && analogy.isEmpty() && options.export() == null) {
      throw new ParameterException(
          spec.commandLine(), "Say what to do: --nearest, --analogy or --export.");
    }
    Configuration hadoop = new Configuration();
    PrintWriter out = spec.commandLine().getOut();
    try (OpenModel model =
        OpenModel.open(hadoop, ModelFolder.resolve(hadoop, options.model()), options.model())) {
      TokenVectors vectors = TokenVectors.read(model);
      NeighbourTable table = new NeighbourTable(out, vectors);
      for (String text : options.nearest()) {
        Word word = vectors.word(text);
        table.nearest(word, vectors.nearest(word, options.top()));
      }
      if (!analogy.isEmpty()) {
        Word a = vectors.word(analogy.get(0));
        Word b = vectors.word(analogy.get(1));
        Word c = vectors.word(analogy.get(2));
        table.analogy(a, b, c, vectors.analogy(a, b, c, options.top()));
      }
      if (options.export() != null) {
        ProjectorFiles.write(vectors, options.export());
        out.printf(
            Locale.ROOT,
            "Wrote %,d vectors of %d dims to %s%n",
            vectors.count(),
            vectors.width(),
            options.export());
      }
    }
    return ExitCode.OK;
  }
}
