package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.FillOptions;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.FillingText;
import io.shardfire.jobs.session.ModelFolder;
import io.shardfire.worker.inspect.MaskFilling;
import io.shardfire.worker.inspect.MaskedText;
import io.shardfire.worker.inspect.OpenModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Guesses hidden tokens of a text, in this JVM. */
@Command(
    name = "fill",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Show what an encoder thinks is hidden in a text: tokens and their probabilities.",
      "",
      "Each [MASK] in the text hides one token. Where the tokenizer's words begin with their blank,"
          + " the blank before a mask is hidden with the word."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire fill -m runs/bert -t 'the [MASK] barked'",
      "  shardfire fill -m runs/bert -t 'a [MASK] of [MASK]' --top 3 --json"
    })
public final class Fill implements Callable<Integer> {
  @Mixin private FillOptions options;
  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Fill(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = new Configuration();
    try (OpenModel model =
        OpenModel.open(
            hadoop,
            ModelFolder.resolve(hadoop, options.model()),
            options.model(),
            options.weights())) {
      MaskedText text = MaskedText.of(model, options.text());
      MaskFilling filling = MaskFilling.of(device.open(), model, text, options.top());
      PrintWriter out = spec.commandLine().getOut();
      out.print(
          options.json()
              ? FillingText.json(filling, model.tokenizer())
              : FillingText.table(filling, model.tokenizer()));
      out.flush();
    }
    return ExitCode.OK;
  }
}
