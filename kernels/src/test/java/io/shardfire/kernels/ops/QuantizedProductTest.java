package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.QuantizedChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Products with weights in few bits against the reference, and to the bit. */
class QuantizedProductTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private final Workbench bench = new Workbench(CONTEXT, 1_000_000, 23);
  private final QuantizedChecks checks = new QuantizedChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  /** y = x Wᵀ, rows without gaps. */
  private static void multiply(
      CommandRecorder recorder, int m, Span x, QuantizedMatrix w, Span y, Span rounded) {
    QuantizedMatVec.record(
        recorder,
        m,
        new MatMul.Matrix(x, w.inputs()),
        w,
        null,
        null,
        new MatMul.Matrix(y, w.outputs()),
        rounded);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0",
    "1, 16, 32, 0",
    "1, 17, 33, 5",
    "2, 15, 31, 0",
    "3, 33, 7, 1",
    "4, 31, 129, 3",
    "5, 97, 64, 0",
    "6, 8, 65, 0",
    "7, 50, 790, 3",
    "8, 129, 100, 1",
    "19, 40, 72, 2",
  })
  void shouldMultiplyAFewRows(int m, int n, int k, int padding) {
    assertOk(checks.product(WeightFormat.INT8, m, n, k, padding));
    assertOk(checks.product(WeightFormat.INT4, m, n, k, padding));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "16, 32", "17, 33", "95, 127", "33, 8"})
  void shouldMakeFloatsOfWeights(int n, int k) {
    assertOk(checks.floats(WeightFormat.INT8, n, k, 3, n - 1, 0));
    assertOk(checks.floats(WeightFormat.INT4, n, k, 0, n - 1, 0));
  }

  @ParameterizedTest
  @EnumSource(
      value = WeightFormat.class,
      names = {"INT8", "INT4"})
  void shouldAddInOneOrderWhateverTheRowsBesideIt(WeightFormat format) {
    int n = 45;
    int k = 203;
    for (int m = 1; m <= 8; m++) {
      bench.clear();
      int rows = m;
      double[] x = bench.values(m * k);
      double[] w = bench.values(n * k);
      double[] old = bench.values(m * n);
      double[] bias = bench.values(n);
      Span left = bench.input(x);
      Span y = bench.output(m * n);
      Span alone = bench.output(m * n);
      Span added = bench.input(bias);
      Span residual = bench.input(old);
      QuantizedMatrix matrix = checks.matrix(format, w, n, k);
      Span rounded = bench.output((int) WeightFormat.roundedFloats(m, k));
      bench.run(
          recorder -> {
            QuantizedMatVec.record(
                recorder,
                rows,
                new MatMul.Matrix(left, k),
                matrix,
                added,
                new MatMul.Matrix(residual, n),
                new MatMul.Matrix(y, n),
                rounded);
            for (int row = 0; row < rows; row++) {
              QuantizedMatVec.record(
                  recorder,
                  1,
                  new MatMul.Matrix(left.slice(row * k, k), k),
                  matrix,
                  added,
                  new MatMul.Matrix(residual.slice(row * n, n), n),
                  new MatMul.Matrix(alone.slice(row * n, n), n),
                  rounded);
            }
          });
      double[] together = bench.read(y);
      assertArrayEquals(together, bench.read(alone), "rows=" + m);
      assertEquals(List.of(), bench.damage());
      if (CONTEXT.form() == KernelForm.CPU) {
        float[] expected =
            QuantizedChecks.reference(format, w, n, k)
                .multiplyInOrder(floats(x), floats(old), floats(bias), m);
        assertArrayEquals(expected, floats(together), "rows=" + m);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = WeightFormat.class,
      names = {"INT8", "INT4"})
  void shouldComputeTheSameBitsEveryTime(WeightFormat format) {
    int n = 701;
    int k = 331;
    Span x = bench.input(bench.values(3 * k));
    Span y = bench.output(3 * n);
    QuantizedMatrix matrix = checks.matrix(format, bench.values(n * k), n, k);
    Span rounded = bench.output((int) WeightFormat.roundedFloats(3, k));
    Repeats.assertSameBits(
        bench, List.of(y), recorder -> multiply(recorder, 3, x, matrix, y, rounded));
  }

  /** Patterns of four levels that are signalling NaNs as floats must pass as they are. */
  @Test
  void shouldKeepTheBitsOfWords() {
    assumeTrue(Float.isNaN(Float.intBitsToFloat(0x7f81817f)));
    int n = 16;
    int k = 3;
    double[] w = new double[n * k];
    for (int i = 0; i < w.length; i++) {
      // Of an even output: 127, -127, 1. In a word, two outputs of two k each: 0x7f, 0x81, 0x81,
      // 0x7f.
      w[i] = (i / k % 2 == 0 ? 1 : -1) * new double[] {127, -127, 1}[i % k];
    }
    assertEquals(List.of(0x7f81817f, 0x00ff0001), List.of(word(w, n, k, 0), word(w, n, k, 8)));
    Span x = bench.input(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1});
    Span y = bench.output(k * n);
    QuantizedMatrix matrix = checks.matrix(WeightFormat.INT8, w, n, k);
    Span rounded = bench.output((int) WeightFormat.roundedFloats(k, k));
    bench.run(recorder -> multiply(recorder, k, x, matrix, y, rounded));
    double[] columns = bench.read(y);
    for (int i = 0; i < columns.length; i++) {
      assertEquals(w[i % n * k + i / n], columns[i]);
    }
  }

  private int word(double[] w, int n, int k, int index) {
    QuantizedMatrix matrix = checks.matrix(WeightFormat.INT8, w, n, k);
    return Float.floatToRawIntBits(matrix.words().get(index));
  }

  @Test
  void shouldRefuseWrongOperands() {
    QuantizedMatrix matrix = checks.matrix(WeightFormat.INT8, bench.values(18 * 5), 18, 5);
    MatMul.Matrix x = new MatMul.Matrix(bench.input(bench.values(9)), 5);
    MatMul.Matrix y = new MatMul.Matrix(bench.output(36), 18);
    Span rounded = bench.output((int) WeightFormat.roundedFloats(2, 5));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    bench.run(
                        recorder ->
                            QuantizedMatVec.record(recorder, 2, x, matrix, null, null, y, rounded)))
            .getMessage();
    assertTrue(
        message.startsWith("QuantizedMatVec.INT8: x is too short: length=9, needed=10"), message);
    assertEquals(
        "QuantizedMatVec.dequantize: first must be a multiple of 16, all outputs from there on"
            + " being in W: first=8",
        assertThrows(
                IllegalArgumentException.class,
                () -> bench.run(recorder -> QuantizedMatVec.dequantize(recorder, matrix, 8, 2, y)))
            .getMessage());
  }
}
