package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.reference.Bf16ProductOrder;
import io.shardfire.kernels.reference.MatMulReference;
import io.shardfire.kernels.selftest.Workbench;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products in bf16 to the bit: by the best unit of the processor and by vectors, they add in the
 * order of the reference.
 */
class Bf16ProductOrderTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private static final int FLOATS = 1_500_000;

  /** By the best unit of the processor, and by vectors. */
  private final List<Workbench> benches =
      Stream.of(CONTEXT, CONTEXT.withVectors())
          .map(context -> new Workbench(context, FLOATS, 3))
          .toList();

  /** Operands and old C, A and B not transposed. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  private record Operands(int m, int n, int k, double[] a, double[] b, double[] c) {
    static Operands of(
        int m, int n, int k, SplittableRandom random, ToDoubleFunction<SplittableRandom> values) {
      return new Operands(
          m,
          n,
          k,
          fill(m * k, random, values),
          fill(k * n, random, values),
          fill(m * n, random, values));
    }

    private static double[] fill(
        int count, SplittableRandom random, ToDoubleFunction<SplittableRandom> values) {
      double[] filled = new double[count];
      Arrays.setAll(filled, i -> (float) values.applyAsDouble(random));
      return filled;
    }
  }

  @BeforeEach
  void skipOtherForms() {
    assumeTrue(CONTEXT.form() == KernelForm.CPU);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** NaNs may differ in their payload. */
  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }

  private static MatMul.Matrix dense(Workbench bench, double[] values, int columns) {
    return new MatMul.Matrix(bench.input(values), columns);
  }

  private static void assertInOrder(List<Workbench> benches, Operands operands) {
    int m = operands.m();
    int n = operands.n();
    int k = operands.k();
    double[] a = operands.a();
    double[] b = operands.b();
    for (boolean accumulate : new boolean[] {false, true}) {
      int[] expected =
          bits(
              Bf16ProductOrder.multiply(
                  floats(a), floats(b), accumulate ? floats(operands.c()) : null, m, n, k));
      for (MatMul.Layout layout : MatMul.Layout.values()) {
        for (Workbench bench : benches) {
          bench.clear();
          MatMul.Matrix left =
              layout == MatMul.Layout.TN
                  ? dense(bench, MatMulReference.transpose(a, m, k), m)
                  : dense(bench, a, k);
          MatMul.Matrix right =
              layout == MatMul.Layout.NT
                  ? dense(bench, MatMulReference.transpose(b, k, n), k)
                  : dense(bench, b, n);
          MatMul.Matrix c = dense(bench, operands.c(), n);
          int needed = (int) MatMul.scratchFloats(Precision.BF16, m, n, k, MatMul.Batch.ONE);
          Span scratch = bench.output(needed);
          bench.run(
              recorder ->
                  MatMul.record(
                      recorder,
                      Precision.BF16,
                      layout,
                      left,
                      right,
                      c,
                      m,
                      n,
                      k,
                      new MatMul.Epilogue(null, null, accumulate),
                      MatMul.Batch.ONE,
                      scratch));
          assertArrayEquals(
              expected,
              bits(floats(bench.read(c.span()))),
              layout + (bench == benches.get(0) ? ", by " + CONTEXT.unit() : ", by vectors"));
          assertEquals(List.of(), bench.damage());
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "2, 3, 33",
    "6, 31, 32",
    "16, 16, 64",
    "33, 31, 65",
    "64, 64, 384",
    "7, 129, 385",
    "100, 97, 801",
    "150, 530, 70",
  })
  void shouldAddInOneOrder(int m, int n, int k) {
    SplittableRandom random = new SplittableRandom(m + n + k);
    assertInOrder(benches, Operands.of(m, n, k, random, r -> 2 * r.nextDouble() - 1));
  }

  /** Products and sums around the smallest normal number, 2^-126, and operands below it. */
  @Test
  void shouldFlushWhatIsTooSmall() {
    SplittableRandom random = new SplittableRandom(5);
    for (int exponent : new int[] {-60, -63, -64, -70, -126, -135}) {
      assertInOrder(
          benches,
          Operands.of(
              13,
              37,
              99,
              random,
              r -> Math.scalb(2 * r.nextDouble() - 1, exponent + r.nextInt(5))));
    }
  }

  /**
   * Ties, the borders of the normal numbers, and any bits, times 1: what is left is the operand.
   */
  @Test
  void shouldRoundOperands() {
    SplittableRandom random = new SplittableRandom(7);
    int[] high = {0x0000, 0x007f, 0x0080, 0x3f80, 0x3f81, 0x7f7e, 0x8000, 0x807f, 0x8080, 0xff7e};
    int[] low = {0x0000, 0x0001, 0x7fff, 0x8000, 0x8001, 0xffff};
    int m = 35;
    int k = 64;
    double[] values = new double[m * k];
    for (int i = 0; i < values.length; i++) {
      int bits = random.nextInt();
      if (i < high.length * low.length) {
        bits = high[i / low.length] << 16 | low[i % low.length];
      }
      float value = Float.intBitsToFloat(bits);
      values[i] = Float.isFinite(value) ? value : 0;
    }
    double[] identity = new double[k * k];
    for (int i = 0; i < k; i++) {
      identity[i * k + i] = 1;
    }
    assertInOrder(benches, new Operands(m, k, k, values, identity, new double[m * k]));
    assertInOrder(
        benches,
        new Operands(
            k, m, k, identity, MatMulReference.transpose(values, m, k), new double[m * k]));
  }

  @Test
  void shouldKeepInfinitiesAndNaNs() {
    SplittableRandom random = new SplittableRandom(6);
    assertInOrder(
        benches,
        Operands.of(
            19,
            33,
            70,
            random,
            r ->
                switch (r.nextInt(400)) {
                  case 0 -> Double.NaN;
                  case 1 -> Double.POSITIVE_INFINITY;
                  case 2 -> -Float.MAX_VALUE;
                  case 3 -> -0.0;
                  default -> Math.scalb(2 * r.nextDouble() - 1, r.nextInt(-100, 100));
                }));
  }
}
