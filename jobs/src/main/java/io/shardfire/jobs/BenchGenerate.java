package io.shardfire.jobs;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.configuration.ModelPreset;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.bench.GenerationBenchmark;
import io.shardfire.worker.resume.SettingText;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times generation. */
@Command(
    name = "generate",
    versionProvider = Versions.class,
    sortOptions = false,
    showDefaultValues = true,
    description =
        "Time prompts, and decoding of one sequence and of several side by side. Decoding has to read"
            + " all weights once a step, and the keys and values of the tokens before; how near that"
            + " comes to the bandwidth of a copy is told, for weights in fp32 and rounded to int8 and"
            + " int4.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire bench generate",
      "  shardfire bench generate --preset nano --vocabulary 65 --prompt-tokens 16 --steps 32"
    })
final class BenchGenerate implements Callable<Integer> {
  private static final double PERCENT = 100;
  private static final double GIGA = 1e9;
  private static final double MEGA = 1e6;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "gpt2",
      description = "Shape of the model, as model.preset.")
  private String preset;

  @Option(names = "--vocabulary", paramLabel = "N", defaultValue = "50257", description = "Tokens.")
  private int vocabulary;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "8", description = "Sequences.")
  private int batch;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "256",
      description = "Tokens of a prompt.")
  private int promptTokens;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "32", description = "Steps timed.")
  private int steps;

  @Option(
      names = "--weights",
      paramLabel = "FORMATS",
      split = ",",
      defaultValue = "fp32,int8,int4",
      description = "How matrices are kept in memory, each in turn.")
  private List<WeightFormat> weights;

  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (vocabulary < 1 || batch < 1) {
      throw new CommandException(
          "--vocabulary and --batch must be at least 1: --vocabulary="
              + vocabulary
              + ", --batch="
              + batch);
    }
    ModelConfiguration model =
        ModelPreset.of(preset)
            .orElseThrow(
                () ->
                    new CommandException(
                        "No such preset; there are "
                            + String.join(", ", ModelPreset.keys())
                            + ": --preset="
                            + preset))
            .shape()
            .withVocabularySize(vocabulary);
    ComputeContext compute = device.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println("device      " + compute.device().name());
    out.println("record      " + compute.record());
    out.println("model       " + model);
    for (WeightFormat format : weights) {
      measure(new GenerationBenchmark(compute, model, format, promptTokens, steps), format, out);
    }
    return ExitCode.OK;
  }

  private void measure(GenerationBenchmark benchmark, WeightFormat format, PrintWriter out) {
    GenerationBenchmark.Result one = benchmark.run(1);
    out.printf(
        Locale.ROOT,
        "%nweights     %s, %.1f MB read in a step%n",
        SettingText.name(format),
        one.weightBytes() / MEGA);
    out.printf(
        Locale.ROOT,
        "prompt      %.0f tokens/s of %d tokens%n",
        one.promptTokensPerSecond(),
        promptTokens);
    print(out, one);
    if (batch > 1) {
      print(out, benchmark.run(batch));
    }
  }

  private static void print(PrintWriter out, GenerationBenchmark.Result result) {
    out.printf(
        Locale.ROOT,
        "batch %-5d %.1f tokens/s, %.1f steps/s: weights at %.0f%%, with %.1f MB of keys and values"
            + " %.0f%%, of a copy's %.1f GB/s%n",
        result.batch(),
        result.decodedTokensPerSecond(),
        result.stepsPerSecond(),
        result.shareOfCopyBandwidth() * PERCENT,
        result.cacheBytes() / MEGA,
        result.shareWithCache() * PERCENT,
        result.copyBytesPerSecond() / GIGA);
    out.flush();
  }
}
