package io.shardfire.jobs;

import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.bench.StepBenchmark;
import io.shardfire.worker.bench.StepProfile;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.resume.SettingText;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times whole training steps. */
@Command(
    name = "step",
    versionProvider = Versions.class,
    sortOptions = false,
    showDefaultValues = true,
    description = "Time whole training steps (forward, backward, AdamW) of one rank.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire bench step",
      "  shardfire bench step --layers 4 --heads 4 --width 128 --context 64 --batch 12",
      "  shardfire bench step --profile",
      "  shardfire bench step --precision bf16 --activations bf16",
      "  shardfire bench step --precision bf16 --accumulation 4 --packed-weights true"
    })
final class BenchStep implements Callable<Integer> {
  private static final double PERCENT = 100;
  private static final double MILLIS = 1e3;
  private static final double MICROS = 1e6;
  private static final double GIGA = 1e9;

  @Option(names = "--layers", paramLabel = "N", defaultValue = "6", description = "Blocks.")
  private int layers;

  @Option(names = "--heads", paramLabel = "N", defaultValue = "6", description = "Heads.")
  private int heads;

  @Option(names = "--width", paramLabel = "N", defaultValue = "384", description = "Model width.")
  private int width;

  @Option(names = "--context", paramLabel = "N", defaultValue = "256", description = "Tokens.")
  private int context;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "4", description = "Sequences.")
  private int batch;

  @Option(
      names = "--accumulation",
      paramLabel = "N",
      defaultValue = "1",
      description = "Passes of a step, each of the batch.")
  private int accumulation;

  @Option(names = "--vocabulary", paramLabel = "N", defaultValue = "65", description = "Tokens.")
  private int vocabulary;

  @Option(names = "--dropout", paramLabel = "X", defaultValue = "0", description = "Rate.")
  private float dropout;

  @Option(
      names = "--precision",
      paramLabel = "fp32|bf16|fp16",
      defaultValue = "fp32",
      description = "Of the operands of products.")
  private Precision precision;

  @Option(
      names = "--activations",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description = "How they are kept for the backward pass.")
  private ActivationFormat activations;

  @Option(
      names = "--parameters",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description = "How they are kept for passes.")
  private ParameterFormat parameters;

  @Option(
      names = "--packed-weights",
      paramLabel = "true|false",
      arity = "1",
      defaultValue = "false",
      description =
          "Whether weights that products in bf16 read are packed once for all passes of a step.")
  private boolean packedWeights;

  @Option(names = "--warmup", paramLabel = "N", defaultValue = "3", description = "Not timed.")
  private int warmup;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "10", description = "Steps timed.")
  private int steps;

  @Option(
      names = "--profile",
      description = "Also print what each operation takes and how far it is from its floor.")
  private boolean profile;

  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ModelConfiguration model =
        ModelConfiguration.decoder(layers, heads, width, context)
            .vocabularySize(vocabulary)
            .dropout(dropout)
            .build();
    ComputeContext compute = device.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println("device          " + compute.device().name());
    out.println("record          " + compute.record());
    out.println("model           " + model);
    out.println("batch           " + batch + " sequences of " + context + " tokens" + passes());
    out.println("precision       " + precision(compute));
    out.println("activations     " + SettingText.name(activations));
    out.println("parameters      " + SettingText.name(parameters));
    StepBenchmark benchmark =
        new StepBenchmark(
            compute, model, batch, accumulation, precision, activations, parameters, packedWeights);
    StepBenchmark.Result result = benchmark.run(warmup, steps);
    out.println(
        String.format(
            Locale.ROOT,
            "tokens/s        best %.0f, median %.0f of %d steps",
            result.bestTokensPerSecond(),
            result.medianTokensPerSecond(),
            result.steps()));
    out.println(
        String.format(
            Locale.ROOT,
            "launch overhead %.2f%% of the median step (%.2f ms): %.0f launches of %.1f us and"
                + " %.0f phases of %.2f us, medians",
            result.overheadShare() * PERCENT,
            result.medianSeconds() * MILLIS,
            result.launchesPerStep(),
            result.overhead().launchSeconds() * MICROS,
            result.phasesPerStep(),
            result.overhead().phaseSeconds() * MICROS));
    if (profile) {
      print(out, benchmark.profile(warmup, steps));
    }
    return ExitCode.OK;
  }

  private static void print(PrintWriter out, StepProfile profile) {
    out.printf(
        Locale.ROOT,
        "profile         %.1f ms, each command launched alone; floor: products at %.0f GFLOP/s"
            + " (fp32), else bytes at %.1f GB/s of a copy%n",
        profile.seconds() * MILLIS,
        profile.flopsPerSecond() / GIGA,
        profile.bytesPerSecond() / GIGA);
    out.printf(
        Locale.ROOT,
        "%n%-36s %-28s %7s %9s %7s %7s%n",
        "operation",
        "shape",
        "times",
        "ms",
        "share",
        "floor");
    for (StepProfile.Line line : profile.lines()) {
      out.printf(
          Locale.ROOT,
          "%-36s %-28s %7d %9.3f %6.1f%% %6.0f%%%n",
          line.opcode().name().toLowerCase(Locale.ROOT).replace('_', ' '),
          line.shape(),
          line.count(),
          line.seconds() * MILLIS,
          line.seconds() / profile.seconds() * PERCENT,
          profile.floorSeconds(line) / line.seconds() * PERCENT);
    }
  }

  private String passes() {
    return accumulation == 1 ? "" : " in each of " + accumulation + " passes";
  }

  private String precision(ComputeContext compute) {
    String name = precision.name().toLowerCase(Locale.ROOT);
    return precision == Precision.BF16 && compute.form() == KernelForm.CPU
        ? name + " by " + compute.unit()
        : name;
  }
}
