package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.program.ActivationFormat;
import org.junit.jupiter.api.Test;

/**
 * Steps in bf16. Apart from those in fp32, for a JVM keeps the arenas of every shape that was
 * trained.
 */
class Bf16TrainingTest {
  @Test
  void shouldGiveTheSameBitsForEveryWorldSizeAndStage() {
    TrainingTrace.requireSameForEveryWorldSizeAndStage(
        training -> inBf16(training.activations(ActivationFormat.BF16)));
  }

  /** A processor without a matrix unit compares vectors with themselves here. */
  @Test
  void shouldGiveTheSameBitsByAnyUnit() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    PageSize size = PageSize.configured();
    TrainingTrace found = TrainingTrace.run(compute, 1, Bf16TrainingTest::inBf16, size);
    assertEquals(
        found, TrainingTrace.run(compute.withVectors(), 1, Bf16TrainingTest::inBf16, size));
    assertNotEquals(found, TrainingTrace.run(compute, 1, t -> {}, size));
  }

  private static void inBf16(TrainingBuilder training) {
    training.precision(Precision.BF16);
  }
}
