package io.shardfire.worker.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import org.junit.jupiter.api.Test;

class StepBenchmarkTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 2, 32, 16).vocabularySize(65).build();

  private static StepBenchmark benchmark(ComputeContext compute, Precision precision) {
    return new StepBenchmark(
        compute, MODEL, 2, 1, precision, ActivationFormat.FP32, ParameterFormat.FP32, true);
  }

  @Test
  void shouldTimeWholeSteps() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    StepBenchmark.Result result = benchmark(compute, Precision.FP32).run(1, 5);
    assertEquals(5, result.steps());
    assertTrue(result.medianTokensPerSecond() > 0);
    assertTrue(result.bestTokensPerSecond() >= result.medianTokensPerSecond());
    assertEquals(Math.log(65), result.loss(), 0.5);
    assertTrue(result.launchesPerStep() >= 1, result.toString());
    assertTrue(result.phasesPerStep() > result.launchesPerStep(), result.toString());
    assertTrue(result.overheadShare() >= 0, result.toString());
  }

  @Test
  void shouldTellWhatEachOperationHasToDo() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    StepProfile profile = benchmark(compute, Precision.FP32).profile(1, 3);
    // One block: 32 tokens of width 32 into the four times wider layer of the feed-forward network.
    StepProfile.Line up =
        profile.lines().stream()
            .filter(line -> line.shape().equals("32x128x32") && line.opcode() == Opcode.MATMUL_NN)
            .findAny()
            .orElseThrow();
    assertEquals(1, up.count());
    assertEquals(32 * 128 * 32, up.multiplyAdds());
    assertEquals(
        Math.max(
            2.0 * 32 * 128 * 32 / profile.flopsPerSecond(), up.bytes() / profile.bytesPerSecond()),
        profile.floorSeconds(up));
    // Scores and values of 2 sequences and 2 heads of 16: 16 queries see 1 to 16 keys.
    StepProfile.Line attention =
        profile.lines().stream()
            .filter(line -> line.opcode() == Opcode.ATTENTION_FORWARD)
            .findAny()
            .orElseThrow();
    assertEquals(2 * 136 * 2 * 32, attention.multiplyAdds());
    assertTrue(profile.lines().get(0).seconds() >= up.seconds(), "the longest first");
  }

  @Test
  void shouldTellWhichOperandsArePacked() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    StepProfile profile = benchmark(compute, Precision.BF16).profile(1, 1);
    // 128 columns of 32 terms: that layer's weight, and its output's gradient by 32 tokens.
    StepProfile.Line right =
        profile.lines().stream()
            .filter(line -> line.shape().equals("B 128x32 across k"))
            .findAny()
            .orElseThrow();
    assertEquals(Opcode.BF16_PACK, right.opcode());
    assertEquals(2, right.count());
    // Floats are read, and four blocks of 512 words and what aligns them are written.
    assertEquals(2 * Float.BYTES * (128 * 32 + 4 * 512 + 16), right.bytes());
  }

  @Test
  void shouldPackWeightsOnceForAllPassesOfAStep() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    StepProfile profile =
        new StepBenchmark(
                compute,
                MODEL,
                2,
                3,
                Precision.BF16,
                ActivationFormat.FP32,
                ParameterFormat.FP32,
                true)
            .profile(1, 1);
    // The weight of that layer once, its output's gradient in each of three passes.
    assertEquals(
        1 + 3,
        profile.lines().stream()
            .filter(line -> line.shape().equals("B 128x32 across k"))
            .mapToInt(StepProfile.Line::count)
            .sum());
  }

  @Test
  void shouldRefuseToTimeNothing() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> benchmark(compute, Precision.FP32).run(1, 0));
    assertTrue(e.getMessage().endsWith("steps=0, warmup=1"), e.getMessage());
  }
}
