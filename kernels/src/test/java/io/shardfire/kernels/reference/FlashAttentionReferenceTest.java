package io.shardfire.kernels.reference;

import static io.shardfire.kernels.reference.FiniteDifferences.assertGradient;
import static io.shardfire.kernels.reference.FiniteDifferences.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FlashAttentionReferenceTest {
  private static final int QUERIES = 4;
  private static final int KEYS = 5;
  private static final int HEADS = 4;
  private static final int SIZE = 3;
  private final double[] q = values(1, QUERIES * HEADS * SIZE);
  private final double[] k = values(2, KEYS * 2 * SIZE);
  private final double[] v = values(3, KEYS * 2 * SIZE);
  private final double[] bias = values(4, HEADS * (QUERIES + KEYS - 1));
  private final double[] dout = values(5, q.length);

  private FlashAttentionReference attention(double[] term) {
    return new FlashAttentionReference(
        1,
        QUERIES,
        KEYS,
        HEADS,
        2,
        SIZE,
        0.6,
        (b, i, j) -> i != 2 && j <= i + 1,
        term,
        new DropoutReference(0.2f, 11L, 2));
  }

  @Test
  void shouldDifferentiate() {
    FlashAttentionReference attention = attention(bias);
    FlashAttentionReference.Gradients gradients = attention.backward(q, k, v, dout);
    assertGradient(gradients.q(), q, dout, x -> attention.forward(x, k, v).out());
    assertGradient(gradients.k(), k, dout, x -> attention.forward(q, x, v).out());
    assertGradient(gradients.v(), v, dout, x -> attention.forward(q, k, x).out());
    assertGradient(gradients.bias(), bias, dout, x -> attention(x).forward(q, k, v).out());
  }

  @Test
  void shouldGiveZerosWhereNothingIsVisible() {
    FlashAttentionReference.Result result = attention(bias).forward(q, k, v);
    int width = HEADS * SIZE;
    assertArrayEquals(new double[width], Arrays.copyOfRange(result.out(), 2 * width, 3 * width));
    assertEquals(Double.NEGATIVE_INFINITY, result.logSumExp()[2]);
    double[] dq = attention(bias).backward(q, k, v, dout).q();
    assertArrayEquals(new double[width], Arrays.copyOfRange(dq, 2 * width, 3 * width));
  }

  @Test
  void shouldAgreeWithCausalSelfAttention() {
    int time = 5;
    int width = 2 * SIZE;
    double[] qkv = values(6, time * 3 * width);
    double[][] parts = new double[3][time * width];
    for (int i = 0; i < qkv.length; i++) {
      int column = i % (3 * width);
      parts[column / width][i / (3 * width) * width + column % width] = qkv[i];
    }
    FlashAttentionReference general =
        new FlashAttentionReference(
            1, time, time, 2, 2, SIZE, 1 / Math.sqrt(SIZE), (b, i, j) -> j <= i, null, null);
    AttentionReference causal = new AttentionReference(1, time, 2, SIZE, null);
    assertArrayEquals(
        causal.forward(qkv).out(), general.forward(parts[0], parts[1], parts[2]).out(), 1e-12);
  }
}
