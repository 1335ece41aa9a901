package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The models of {@link Bf16ModelTest} with products of operands in fp16, and gradients that are
 * those of the loss times a factor. The numbers of fp16 are closer to each other, so a batch must
 * lie closer to no middle.
 */
class Fp16ModelTest {
  private static final double NEAR = 1e-6;

  @ParameterizedTest
  @MethodSource("io.shardfire.worker.architecture.Bf16ModelTest#models")
  void shouldMatchTheRoundingReferenceAndScaleTheLoss(ModelConfiguration model) {
    Bf16ModelTest.requireMatch(model, Precision.FP16, NEAR);
  }
}
