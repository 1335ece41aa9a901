package io.shardfire.kernels.reference;

import static io.shardfire.kernels.reference.FiniteDifferences.assertGradient;
import static io.shardfire.kernels.reference.FiniteDifferences.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Gradients against central differences. */
class PositionAndLossGradientTest {
  @Test
  void shouldDifferentiateRope() {
    double[] x = values(1, 5 * 2 * 7);
    double[] dy = values(2, 5 * 2 * 7);
    for (boolean neighbours : new boolean[] {false, true}) {
      assertGradient(
          PositionReference.rope(dy, 2, 7, 6, neighbours, 100, 3, 4, -1),
          x,
          dy,
          v -> PositionReference.rope(v, 2, 7, 6, neighbours, 100, 3, 4, 1));
    }
  }

  @Test
  void shouldKeepProductsAtEqualDistance() {
    double[] query = values(3, 8);
    double[] key = values(4, 8);
    for (boolean neighbours : new boolean[] {false, true}) {
      assertEquals(
          score(query, key, neighbours, 5, 2), score(query, key, neighbours, 105, 102), 1e-12);
    }
  }

  private static double score(
      double[] query, double[] key, boolean neighbours, int queryPosition, int keyPosition) {
    double[] q = PositionReference.rope(query, 1, 8, 8, neighbours, 1e4, queryPosition, 1, 1);
    double[] k = PositionReference.rope(key, 1, 8, 8, neighbours, 1e4, keyPosition, 1, 1);
    double sum = 0;
    for (int i = 0; i < q.length; i++) {
      sum += q[i] * k[i];
    }
    return sum;
  }

  @Test
  void shouldDifferentiateSoftmax() {
    double[] x = values(5, 3 * 7);
    double[] dy = values(6, 3 * 7);
    double[] y = SoftmaxReference.forward(x, 7);
    assertGradient(SoftmaxReference.backward(y, dy, 7), x, dy, v -> SoftmaxReference.forward(v, 7));
  }

  @Test
  void shouldDifferentiateSmoothedAndWeightedCrossEntropy() {
    double[] logits = values(10, 4 * 5);
    int[] targets = {3, -1, 0, 4};
    double[] weights = {0.5, 2, -1, 0};
    double[] upstream = {0.7, 0.7, 0.7, 0.7};
    assertGradient(
        CrossEntropyReference.forwardBackward(logits, targets, 5, 0.7, 0.2, weights).gradient(),
        logits,
        upstream,
        v -> CrossEntropyReference.forwardBackward(v, targets, 5, 0.7, 0.2, weights).losses());
  }
}
