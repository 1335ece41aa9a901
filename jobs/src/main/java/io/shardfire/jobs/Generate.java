package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.GenerateOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.TextStream;
import io.shardfire.jobs.session.ModelFolder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.generate.Generator;
import io.shardfire.worker.generate.Sampling;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Continues a prompt with a trained model, in this JVM. */
@Command(
    name = "generate",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Continue a prompt with a trained model.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire generate --model runs/quickstart --prompt 'whale:'",
      "  shardfire generate -m runs/quickstart/step-00001000 -p 'to ' --temperature 0",
      "  shardfire generate -m gpt2/ -p 'Once upon a time' --tokens 200 --top-k 40 --seed 7"
    })
public final class Generate implements Callable<Integer> {
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
    Sampling sampling = options.sampling();
    Configuration hadoop = new Configuration();
    Path folder = ModelFolder.resolve(hadoop, options.model());
    ComputeContext compute = device.open();
    try (Generator generator = Generator.load(hadoop, folder, compute)) {
      int[] prompt = generator.tokenizer().encode(options.prompt(), options.specialTokens());
      for (int sample = 0; sample < options.samples(); sample++) {
        out.print(options.prompt());
        TextStream text = new TextStream(generator.tokenizer(), out);
        generator.generate(prompt, options.tokens(), options.nth(sampling, sample), text);
        text.finish();
      }
    }
    return ExitCode.OK;
  }
}
