package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.GenerateOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.ContinuationPrinter;
import io.shardfire.jobs.session.ModelFolder;
import io.shardfire.jobs.session.PromptFile;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Generator;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.resume.SettingText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Continues prompts with a trained model, in this JVM. */
@Command(
    name = "generate",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Continue prompts with a trained model; an encoder-decoder reads a prompt as the source and"
          + " writes its target.",
      "",
      "Filters apply in this order, as in transformers: repetition penalty, temperature, top-k,"
          + " top-p, min-p. What follows a prompt does not depend on the prompts beside it. A prompt"
          + " that is longer than the model's context is cut to its end, a source to its"
          + " beginning; text that fills the context goes on from its newer half."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire generate --model runs/quickstart --prompt 'whale:'",
      "  shardfire generate -m runs/quickstart/step-00001000 -p 'to ' --temperature 0",
      "  shardfire generate -m gpt2/ -p 'Once upon a time' -n 200 --top-k 40 --top-p 0.95 --seed 7",
      "  shardfire generate -m gpt2/ -p 'Q: What is a whale?' --beams 4 --stop $'\\nQ:'",
      "  shardfire generate -m gpt2/ --prompts prompts.txt --samples 3 --json",
      "  shardfire generate -m gpt2/ -p 'Once upon a time' --weights int8"
    })
public final class Generate implements Callable<Integer> {
  private static final double MEGA = 1e6;

  @Mixin private GenerateOptions options;
  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Generate(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    GenerationOptions generation = options.generation();
    int batch = options.batch();
    Configuration hadoop = new Configuration();
    List<Prompt> prompts = prompts(hadoop);
    Path folder = ModelFolder.resolve(hadoop, options.model());
    ComputeContext compute = device.open();
    int slots = generation.slots(prompts.size(), batch);
    try (Generator generator = Generator.load(hadoop, folder, compute, slots, options.weights())) {
      err.printf(
          Locale.ROOT,
          "weights %s, %.1f MB%n",
          SettingText.name(options.weights()),
          generator.weightBytes() / MEGA);
      ContinuationPrinter printer =
          new ContinuationPrinter(
              prompts, generation.samples(), options.json(), generator.continues(), out, err);
      printer.finish(generator.generate(prompts, generation, printer));
    }
    return ExitCode.OK;
  }

  private List<Prompt> prompts(Configuration hadoop) throws IOException {
    List<Prompt> prompts = new ArrayList<>(options.prompts());
    if (options.promptFile() != null) {
      prompts.addAll(PromptFile.read(hadoop, options.promptFile(), options.seed()));
    }
    if (prompts.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Say what to continue: --prompt TEXT or --prompts FILE.");
    }
    return prompts;
  }
}
