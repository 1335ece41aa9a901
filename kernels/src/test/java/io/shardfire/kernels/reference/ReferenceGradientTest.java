package io.shardfire.kernels.reference;

import static io.shardfire.kernels.reference.FiniteDifferences.assertGradient;
import static io.shardfire.kernels.reference.FiniteDifferences.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The oracle itself: every gradient against central differences of its forward pass. */
class ReferenceGradientTest {
  @Test
  void shouldDifferentiateGelu() {
    double[] x = values(1, 21);
    Arrays.setAll(x, i -> 3 * x[i]);
    double[] dy = values(2, 21);
    assertGradient(GeluReference.backward(x, dy), x, dy, GeluReference::forward);
    assertEquals(0.841192, GeluReference.forward(new double[] {1})[0], 1e-6);
  }

  @Test
  void shouldDifferentiateLayerNorm() {
    int rows = 3;
    int width = 7;
    double[] x = values(3, rows * width);
    double[] weight = values(4, width);
    double[] bias = values(5, width);
    double[] dy = values(6, rows * width);
    double[] stats = LayerNormReference.forward(x, weight, bias, rows, width, 1e-2).stats();
    LayerNormReference.Gradients gradients =
        LayerNormReference.backward(x, weight, stats, dy, rows, width);
    assertGradient(
        gradients.dx(),
        x,
        dy,
        v -> LayerNormReference.forward(v, weight, bias, rows, width, 1e-2).y());
    assertGradient(
        gradients.dweight(),
        weight,
        dy,
        v -> LayerNormReference.forward(x, v, bias, rows, width, 1e-2).y());
    assertGradient(
        gradients.dbias(),
        bias,
        dy,
        v -> LayerNormReference.forward(x, weight, v, rows, width, 1e-2).y());
  }

  @Test
  void shouldDifferentiateAttention() {
    for (DropoutReference dropout :
        new DropoutReference[] {null, new DropoutReference(0.3f, 11L, 2)}) {
      AttentionReference attention = new AttentionReference(2, 5, 2, 3, dropout);
      double[] qkv = values(7, 2 * 5 * 3 * 6);
      double[] dout = values(8, 2 * 5 * 6);
      assertGradient(attention.backward(qkv, dout), qkv, dout, v -> attention.forward(v).out());
    }
  }

  @Test
  void shouldAttendToNothingButThePast() {
    AttentionReference attention = new AttentionReference(1, 4, 1, 2, null);
    double[] qkv = values(9, 4 * 6);
    double[] before = attention.forward(qkv).out();
    Arrays.fill(qkv, 3 * 6, 4 * 6, 100);
    double[] after = attention.forward(qkv).out();
    assertArrayEquals(Arrays.copyOf(before, 6), Arrays.copyOf(after, 6));
    assertEquals(qkv[4], before[0], 1e-12);
  }

  @Test
  void shouldDifferentiateCrossEntropy() {
    double[] logits = values(10, 4 * 5);
    int[] targets = {3, -1, 0, 4};
    double[] upstream = {0.7, 0.7, 0.7, 0.7};
    double[] gradient = CrossEntropyReference.forwardBackward(logits, targets, 5, 0.7).gradient();
    assertGradient(
        gradient,
        logits,
        upstream,
        v -> CrossEntropyReference.forwardBackward(v, targets, 5, 0.7).losses());
  }

  @Test
  void shouldDifferentiateTheEmbedding() {
    int[] ids = {1, 0, 1, 2, 1};
    double[] tokens = values(11, 3 * 4);
    double[] positions = values(12, 2 * 4);
    double[] dout = values(13, 5 * 4);
    double[] dtokens = new double[tokens.length];
    double[] dpositions = new double[positions.length];
    EmbeddingReference.backward(ids, dout, dtokens, dpositions, 2, 4);
    assertGradient(dtokens, tokens, dout, v -> EmbeddingReference.forward(ids, v, positions, 2, 4));
    assertGradient(
        dpositions, positions, dout, v -> EmbeddingReference.forward(ids, tokens, v, 2, 4));
  }

  @Test
  void shouldMultiplyTransposedMatrices() {
    double[] a = {1, 2, 3, 4, 5, 6};
    double[] b = {7, 8, 9, 10, 11, 12};
    double[] product = {58, 64, 139, 154};
    assertArrayEquals(product, MatMulReference.nn(a, b, 2, 2, 3));
    assertArrayEquals(product, MatMulReference.nt(a, MatMulReference.transpose(b, 3, 2), 2, 2, 3));
    assertArrayEquals(product, MatMulReference.tn(MatMulReference.transpose(a, 2, 3), b, 2, 2, 3));
  }

  @Test
  void shouldTakeOneAdamStepOfTheLearningRate() {
    double[] p = {1, 1};
    double[] g = {5, -0.01};
    new AdamWReference(0.9, 0.99, 0, 0.5)
        .step(p, g, new double[2], new double[2], 0.1, 0.1, 0.01, 1);
    // The first corrected step is the sign of the gradient; decay takes 0.1 * 0.5 of the value.
    assertArrayEquals(new double[] {0.85, 1.05}, p, 1e-12);
  }
}
