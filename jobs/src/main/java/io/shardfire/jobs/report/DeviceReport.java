package io.shardfire.jobs.report;

import io.shardfire.kernels.bench.LaunchOverhead;
import io.shardfire.kernels.bench.Measurement;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.worker.bench.StepBenchmark;
import io.shardfire.worker.bench.TextTraining;
import java.util.List;

/**
 * What was found on a device; its JSON form is this record.
 *
 * @param notes what the caller knows, such as the version of the driver
 * @param devices all OpenCL devices of the machine
 * @param device the one examined
 * @param software versions, form and sizes of the kernels
 * @param checks every operation against its reference
 * @param fingerprint of {@code ComputeFingerprint}
 * @param learning a small model trained twice
 * @param steps whole training steps
 * @param launches what launches cost apart from their work
 * @param kernels single operations, the ceilings first
 */
public record DeviceReport(
    List<String> notes,
    List<ComputeDevice> devices,
    ComputeDevice device,
    Software software,
    List<CheckResult> checks,
    String fingerprint,
    Learning learning,
    List<ModelSteps> steps,
    LaunchOverhead launches,
    List<Measurement> kernels) {

  /** Shardfire's version, Java's, the form of the kernels, the sizes they are compiled for. */
  public record Software(String shardfire, String java, String form, String record) {}

  /** The steps of one model. */
  public record ModelSteps(String model, int batch, int context, StepBenchmark.Result result) {}

  /**
   * A small model trained twice from the same start.
   *
   * @param text what it learned, in words
   * @param first what each step computed
   * @param second the same of the second run
   */
  public record Learning(
      String text, String model, List<TextTraining.Step> first, List<TextTraining.Step> second) {
    /** Of the loss that training must take away for the model to have learned. */
    private static final double LEARNED = 0.1;

    /** Loss of the first step. */
    public double firstLoss() {
      return first.get(0).loss();
    }

    /** Loss of the last step. */
    public double lastLoss() {
      return first.get(first.size() - 1).loss();
    }

    /** Whether the loss has gone down by more than chance. */
    public boolean learned() {
      return lastLoss() < (1 - LEARNED) * firstLoss();
    }

    /** Steps until the two runs part; as many as there are when they never do. */
    public int sameSteps() {
      int step = 0;
      while (step < first.size() && first.get(step).sameBits(second.get(step))) {
        step++;
      }
      return step;
    }

    /** Whether both runs computed the same bits. */
    public boolean repeatable() {
      return sameSteps() == first.size();
    }
  }

  /** Copies the lists. */
  public DeviceReport {
    notes = List.copyOf(notes);
    devices = List.copyOf(devices);
    checks = List.copyOf(checks);
    steps = List.copyOf(steps);
    kernels = List.copyOf(kernels);
  }

  /** Checks that found a deviation. */
  public List<CheckResult> failures() {
    return checks.stream().filter(check -> !check.ok()).toList();
  }

  /** Whether the device computes what it must. */
  public boolean correct() {
    return failures().isEmpty() && learning.learned() && learning.repeatable();
  }
}
