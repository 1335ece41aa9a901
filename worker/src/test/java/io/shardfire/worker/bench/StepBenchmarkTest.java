package io.shardfire.worker.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.architecture.ModelConfiguration;
import org.junit.jupiter.api.Test;

class StepBenchmarkTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 2, 32, 16).vocabularySize(65).build();

  @Test
  void shouldTimeWholeSteps() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    StepBenchmark.Result result = StepBenchmark.run(compute, MODEL, 2, 1, 5, Precision.FP32);
    assertEquals(5, result.steps());
    assertTrue(result.medianTokensPerSecond() > 0);
    assertTrue(result.bestTokensPerSecond() >= result.medianTokensPerSecond());
    assertEquals(Math.log(65), result.loss(), 0.5);
    assertTrue(result.launchesPerStep() >= 1, result.toString());
    assertTrue(result.phasesPerStep() > result.launchesPerStep(), result.toString());
    assertTrue(result.overheadShare() >= 0, result.toString());
  }

  @Test
  void shouldRefuseToTimeNothing() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> StepBenchmark.run(compute, MODEL, 2, 1, 0, Precision.FP32));
    assertTrue(e.getMessage().endsWith("steps=0, warmup=1"), e.getMessage());
  }
}
