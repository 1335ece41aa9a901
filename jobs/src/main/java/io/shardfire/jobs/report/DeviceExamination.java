package io.shardfire.jobs.report;

import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.MeasurementTable;
import io.shardfire.kernels.bench.KernelBenchmark;
import io.shardfire.kernels.bench.LaunchOverhead;
import io.shardfire.kernels.bench.Measurement;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.KernelSelfTest;
import io.shardfire.kernels.selftest.LargeSelfTest;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.bench.StepBenchmark;
import io.shardfire.worker.bench.TextTraining;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.train.ComputeFingerprint;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Checks and measures a device, one thing after the other, and says what it is doing. */
public final class DeviceExamination {
  private static final int LAUNCHES = 21;
  private static final long GIB = 1L << 30;

  /**
   * How much to do.
   *
   * @param quick smaller models and fewer steps
   * @param only measures operations whose name contains this
   * @param repetitions runs of each operation
   */
  public record Extent(boolean quick, String only, int repetitions) {}

  /**
   * A model whose steps are timed where there is room for it.
   *
   * @param heap bytes that the arenas take on the host, on a device with memory of its own twice
   */
  private record Candidate(String name, ModelConfiguration model, int batch, long heap) {}

  private static final List<Candidate> CANDIDATES =
      List.of(
          new Candidate("GPT 0.8M", gpt(4, 4, 128, 64, 65), 12, 0),
          new Candidate("GPT 10.7M", gpt(6, 6, 384, 256, 65), 4, 0),
          new Candidate("GPT 10.7M", gpt(6, 6, 384, 256, 65), 32, 4 * GIB),
          new Candidate("GPT-2 124M", gpt(12, 12, 768, 1024, 50_257), 2, 10 * GIB));

  private final ComputeContext compute;
  private final Extent extent;
  private final PrintWriter progress;

  /** Examines the device of a context. */
  public DeviceExamination(ComputeContext compute, Extent extent, PrintWriter progress) {
    this.compute = compute;
    this.extent = extent;
    this.progress = progress;
  }

  private static ModelConfiguration gpt(
      int layers, int heads, int width, int context, int vocabulary) {
    return ModelConfiguration.decoder(layers, heads, width, context)
        .vocabularySize(vocabulary)
        .build();
  }

  /** Does all of it. */
  public DeviceReport run(List<String> notes) {
    List<CheckResult> checks = checks();
    say("bits of a small model");
    String fingerprint = ComputeFingerprint.of(compute);
    return new DeviceReport(
        notes,
        ComputeDevice.list(),
        compute.device(),
        new DeviceReport.Software(
            Versions.shardfire(),
            Runtime.version().toString(),
            compute.form().name().toLowerCase(Locale.ROOT),
            compute.record().toString()),
        checks,
        fingerprint,
        learning(),
        steps(),
        LaunchOverhead.measure(compute, LAUNCHES),
        kernels());
  }

  private void say(String what) {
    progress.println(what);
    progress.flush();
  }

  private List<CheckResult> checks() {
    say("every kernel against its reference");
    List<CheckResult> checks = new ArrayList<>(KernelSelfTest.run(compute));
    checks.addAll(LargeSelfTest.run(compute));
    say(checks.stream().filter(CheckResult::ok).count() + " of " + checks.size() + " right");
    return checks;
  }

  /** The text at hand on any machine is that of the kernels themselves. */
  private DeviceReport.Learning learning() {
    TextTraining training =
        extent.quick()
            ? new TextTraining(compute.source(), 2, 2, 64, 32, 8)
            : new TextTraining(compute.source(), 6, 6, 384, 256, 32);
    int steps = extent.quick() ? 60 : 200;
    say("a model of characters, " + steps + " steps, twice");
    DeviceReport.Learning learning =
        new DeviceReport.Learning(
            "the OpenCL C source of the kernels, " + compute.source().length() + " characters",
            training.model().toString(),
            training.run(compute, steps),
            training.run(compute, steps));
    say(
        String.format(
            Locale.ROOT,
            "loss %.4f to %.4f, same bits for %d steps",
            learning.firstLoss(),
            learning.lastLoss(),
            learning.sameSteps()));
    return learning;
  }

  private List<DeviceReport.ModelSteps> steps() {
    List<DeviceReport.ModelSteps> steps = new ArrayList<>();
    for (Candidate candidate : extent.quick() ? CANDIDATES.subList(0, 1) : CANDIDATES) {
      String what = candidate.name() + ", batch " + candidate.batch();
      if (Runtime.getRuntime().maxMemory() < candidate.heap()) {
        say("skipped for want of heap: " + what);
        continue;
      }
      say("steps of " + what);
      StepBenchmark.Result result =
          new StepBenchmark(
                  compute,
                  candidate.model(),
                  candidate.batch(),
                  1,
                  Precision.FP32,
                  ActivationFormat.FP32,
                  ParameterFormat.FP32,
                  false)
              .run(extent.quick() ? 1 : 5, extent.quick() ? 2 : 20);
      say(String.format(Locale.ROOT, "%.0f tokens/s, median", result.medianTokensPerSecond()));
      steps.add(
          new DeviceReport.ModelSteps(
              candidate.name(), candidate.batch(), candidate.model().context(), result));
    }
    return steps;
  }

  private List<Measurement> kernels() {
    say("kernels and ceilings");
    List<Measurement> kernels = new ArrayList<>();
    KernelBenchmark.run(
        compute,
        extent.repetitions(),
        name -> name.contains(extent.only()),
        new MeasurementTable(progress).andThen(kernels::add));
    return kernels;
  }
}
