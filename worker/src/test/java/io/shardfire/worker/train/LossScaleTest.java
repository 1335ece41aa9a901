package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Precision;
import org.junit.jupiter.api.Test;

class LossScaleTest {
  @Test
  void shouldDoubleAfterAWindowOfGoodSteps() {
    LossScale scale = new LossScale(8, 0, 5);
    scale = scale.afterGoodStep(3);
    assertEquals(new LossScale(8, 1, 5), scale);
    scale = scale.afterGoodStep(3);
    assertEquals(new LossScale(8, 2, 5), scale);
    scale = scale.afterGoodStep(3);
    assertEquals(new LossScale(16, 0, 5), scale);
    assertEquals(new LossScale(32, 0, 5), scale.afterGoodStep(1));
  }

  @Test
  void shouldHalveAndCountAfresh() {
    LossScale scale = new LossScale(8, 2, 5).afterSkippedStep();
    assertEquals(new LossScale(4, 0, 6), scale);
    assertEquals(new LossScale(2, 0, 7), scale.afterSkippedStep());
  }

  /** A window that was shortened when the run was resumed may be over already. */
  @Test
  void shouldDoubleWhereMoreStepsWereGoodThanTheWindowHas() {
    assertEquals(new LossScale(16, 0, 0), new LossScale(8, 7, 0).afterGoodStep(3));
  }

  @Test
  void shouldStayBetweenOneAndTheLargestFloat() {
    assertFalse(new LossScale(2, 0, 0).isSmallest());
    assertTrue(new LossScale(2, 0, 0).afterSkippedStep().isSmallest());
    assertEquals(new LossScale(0x1p127f, 0, 0), new LossScale(0x1p127f, 0, 0).afterGoodStep(1));
  }

  @Test
  void shouldBeginAsThePrecisionHasIt() {
    TrainingBuilder training = TestTraining.usual().lossScale(64);
    assertEquals(LossScale.NONE, LossScale.of(training.build()));
    assertTrue(LossScale.NONE.isSmallest());
    assertEquals(LossScale.NONE, LossScale.of(training.precision(Precision.BF16).build()));
    TrainingConfiguration fp16 = training.precision(Precision.FP16).build();
    assertEquals(new LossScale(64, 0, 0), LossScale.of(fp16));
    assertEquals(new LossScale(64, 0, 5), new LossScale(8, 2, 5).restartedWith(fp16));
    TrainingConfiguration fp32 = training.precision(Precision.FP32).build();
    assertEquals(new LossScale(1, 0, 5), new LossScale(8, 2, 5).restartedWith(fp32));
  }

  @Test
  void shouldBeAPowerOfTwo() {
    for (float scale : new float[] {0, 0.5f, -4, 3, 1.5f, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new LossScale(scale, 0, 0));
    }
    assertThrows(IllegalArgumentException.class, () -> new LossScale(2, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> new LossScale(2, 0, -1));
  }
}
