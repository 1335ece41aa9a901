package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FlashAttentionChecks;
import io.shardfire.kernels.selftest.FusedProductChecks;
import io.shardfire.kernels.selftest.FusedProductChecks.Size;
import io.shardfire.kernels.selftest.FusedProductChecks.Variant;
import io.shardfire.kernels.selftest.Workbench;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products in fp16 against the reference of rounded operands, and to the bit against those in fp32
 * of operands that the host has rounded.
 */
class Fp16ProductTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private final Workbench bench = new Workbench(CONTEXT, 2_500_000, 29);
  private final FusedProductChecks checks = new FusedProductChecks(bench, Precision.FP16);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 0",
    "1, 7, 3, 2, 5",
    "3, 33, 17, 33, 1",
    "1, 97, 33, 801, 0",
    "2, 101, 1031, 13, 7",
  })
  void shouldMultiplyAndFinish(int count, int m, int n, int k, int padding) {
    Size size = new Size(count, m, n, k, padding);
    Variant accumulated = new Variant(null, true, false, true, false);
    Variant added = new Variant(null, true, true, false, false);
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      assertOk(checks.product(layout, size, accumulated, true));
      assertOk(checks.product(layout, size, added, false));
      assertOk(checks.product(layout, size, Variant.of(Activation.Function.GELU), false));
    }
  }

  /** From the smallest subnormal of fp16 up to its largest number. */
  @ParameterizedTest
  @CsvSource({"NN, 1e-7", "NT, 3e-6", "TN, 1", "NN, 60000"})
  void shouldHaveTheBitsOfFp32ForRoundedOperands(MatMul.Layout layout, double scale) {
    int m = 35;
    int n = 41;
    int k = 423;
    double[] a = scaled(m * k, scale);
    double[] b = scaled(k * n, 1);
    float[] expected = product(Precision.FP32, layout, rounded(a), rounded(b), m, n, k);
    assertArrayEquals(expected, product(Precision.FP16, layout, a, b, m, n, k));
  }

  /** 65520 lies in the middle between the largest number and the one that would follow. */
  @Test
  void shouldBecomeInfiniteWhereAnOperandIsTooLarge() {
    double below = Math.nextDown(65520f);
    double[] ones = {1, 1};
    assertArrayEquals(
        new float[] {65504 + 65504, Float.POSITIVE_INFINITY, Float.NaN},
        product(
            Precision.FP16,
            MatMul.Layout.NN,
            new double[] {below, below, 65520, 1, 65520, -65520},
            ones,
            3,
            1,
            2));
  }

  @Test
  void shouldRoundAMatrixThatProductsShareOnce() {
    int count = 3;
    int m = 19;
    int n = 41;
    int k = 23;
    double[] a = bench.values(count * m * k);
    double[] b = bench.values(k * n);
    MatMul.Batch batch = new MatMul.Batch(count, m * k, 0, m * n);
    assertEquals(count * m * k + k * n, MatMul.scratchFloats(Precision.FP16, m, n, k, batch));
    Span c = bench.output(count * m * n);
    MatMul.Matrix left = new MatMul.Matrix(bench.input(a), k);
    MatMul.Matrix right = new MatMul.Matrix(bench.input(b), n);
    Span scratch = bench.output(count * m * k + k * n);
    bench.run(
        recorder ->
            MatMul.record(
                recorder,
                Precision.FP16,
                MatMul.Layout.NN,
                left,
                right,
                new MatMul.Matrix(c, n),
                m,
                n,
                k,
                MatMul.Epilogue.NONE,
                batch,
                scratch));
    double[] together = bench.read(c);
    for (int item = 0; item < count; item++) {
      double[] part = Arrays.copyOfRange(a, item * m * k, (item + 1) * m * k);
      float[] alone = product(Precision.FP16, MatMul.Layout.NN, part, b, m, n, k);
      assertArrayEquals(
          alone, floats(Arrays.copyOfRange(together, item * m * n, (item + 1) * m * n)));
    }
  }

  /** In both forms. */
  @Test
  void shouldLeaveAttentionInFp32() {
    AttentionShape shape = new AttentionShape(2, 19, 23, 4, 2, 24);
    FlashAttentionChecks.Variant variant =
        new FlashAttentionChecks.Variant(true, 11, true, 0, true, true);
    long[] checksums = new long[2];
    for (int i = 0; i < checksums.length; i++) {
      Workbench alone = new Workbench(CONTEXT, 200_000, 31);
      assertOk(
          new FlashAttentionChecks(alone)
              .attention(shape, variant, 3, i == 0 ? Precision.FP32 : Precision.FP16));
      checksums[i] = alone.checksum();
    }
    assertEquals(checksums[0], checksums[1]);
  }

  @Test
  void shouldCheckScratchMemory() {
    Span floats = bench.output(300);
    MatMul.Matrix a = new MatMul.Matrix(floats.slice(0, 24), 6);
    MatMul.Matrix b = new MatMul.Matrix(floats.slice(24, 30), 5);
    MatMul.Matrix c = new MatMul.Matrix(floats.slice(54, 20), 5);
    Span small = floats.slice(100, 53);
    assertEquals(
        "MatMul.NN: scratch is too short: length=53, needed=54, arena=workbench, offset="
            + small.offset(),
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    MatMul.record(
                        null,
                        Precision.FP16,
                        MatMul.Layout.NN,
                        a,
                        b,
                        c,
                        4,
                        5,
                        6,
                        MatMul.Epilogue.NONE,
                        MatMul.Batch.ONE,
                        small))
            .getMessage());
  }

  private double[] scaled(int count, double scale) {
    return Arrays.stream(bench.values(count)).map(x -> (float) (x * scale)).toArray();
  }

  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(x -> HalfPrecisionReference.FP16.round((float) x)).toArray();
  }

  private float[] product(
      Precision precision, MatMul.Layout layout, double[] a, double[] b, int m, int n, int k) {
    MatMul.Matrix left = new MatMul.Matrix(bench.input(a), layout == MatMul.Layout.TN ? m : k);
    MatMul.Matrix right = new MatMul.Matrix(bench.input(b), layout == MatMul.Layout.NT ? k : n);
    Span c = bench.output(m * n);
    long needed = MatMul.scratchFloats(precision, m, n, k, MatMul.Batch.ONE);
    Span scratch = needed == 0 ? null : bench.output((int) needed);
    bench.run(
        recorder ->
            MatMul.record(
                recorder,
                precision,
                layout,
                left,
                right,
                new MatMul.Matrix(c, n),
                m,
                n,
                k,
                MatMul.Epilogue.NONE,
                MatMul.Batch.ONE,
                scratch));
    return floats(bench.read(c));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
