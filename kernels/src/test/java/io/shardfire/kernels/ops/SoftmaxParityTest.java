package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.SoftmaxChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax, and cross-entropy with its options, against their references. */
class SoftmaxParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 2_700_000, 42);
  private final SoftmaxChecks checks = new SoftmaxChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "3, 2, 1", "2, 16, 0", "7, 37, 3", "37, 1000, 0", "2, 50257, 47"})
  void shouldNormaliseRows(int rows, int columns, int padding) {
    assertOk(checks.softmax(rows, columns, padding));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "4, 7", "5, 16", "6, 101", "7, 50257", "5, 262144"})
  void shouldSmoothAndWeigh(int rows, int vocabulary) {
    assertOk(checks.crossEntropy(rows, vocabulary, 0f));
    assertOk(checks.crossEntropy(rows, vocabulary, 0.1f));
  }

  @Test
  void shouldGiveMaskedElementsNoWeight() {
    double low = Double.NEGATIVE_INFINITY;
    Span x = bench.input(low, 1, low, 1, low, low, low, low, 1, Double.NaN, 1, 1);
    Span y = bench.output(12);
    bench.run(
        recorder ->
            Softmax.forward(recorder, 3, 4, new MatMul.Matrix(x, 4), new MatMul.Matrix(y, 4)));
    double[] rows = bench.read(y);
    double[] expected = {0, 0.5, 0, 0.5};
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], rows[i]);
      assertTrue(Double.isNaN(rows[4 + i]));
      assertTrue(Double.isNaN(rows[8 + i]));
    }
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    int rows = 67;
    int columns = 1001;
    Span x = bench.input(bench.values(rows * columns));
    Span targets = bench.input(bench.integers(rows, columns));
    Span y = bench.output(rows * columns);
    Span dx = bench.output(rows * columns);
    Span losses = bench.output(rows);
    Repeats.assertSameBits(
        bench,
        List.of(y, dx, losses),
        recorder -> {
          MatMul.Matrix in = new MatMul.Matrix(x, columns);
          MatMul.Matrix out = new MatMul.Matrix(y, columns);
          Softmax.forward(recorder, rows, columns, in, out);
          Softmax.backward(recorder, rows, columns, out, in, new MatMul.Matrix(dx, columns));
          CrossEntropy.forward(
              recorder,
              rows,
              columns,
              x,
              columns,
              targets,
              losses,
              new CrossEntropy.Options(0.1f, null));
        });
  }

  @Test
  void shouldCheckOperands() {
    assertEquals(
        "CrossEntropy.Options: labelSmoothing must be in [0, 1): labelSmoothing=1.0",
        failure(() -> new CrossEntropy.Options(1f, null)));
    Span x = bench.output(20);
    Span two = bench.output(2);
    Span one = bench.output(1);
    Span losses = bench.output(2);
    assertEquals(
        "CrossEntropy.forward: weights is too short: length=1, needed=2, arena=workbench, offset="
            + one.offset(),
        failure(
            () ->
                CrossEntropy.forward(
                    null, 2, 10, x, 10, two, losses, new CrossEntropy.Options(0f, one))));
    CrossEntropy.Options shared = new CrossEntropy.Options(0f, null, losses);
    assertEquals(
        "CrossEntropy.forward: gradientFactor and losses must not overlap: gradientFactor="
            + losses
            + ", losses="
            + losses,
        failure(() -> CrossEntropy.forward(null, 2, 10, x, 10, two, losses, shared)));
    assertEquals(
        "Softmax.forward: y.stride must be at least 10: y.stride=9",
        failure(
            () -> Softmax.forward(null, 2, 10, new MatMul.Matrix(x, 10), new MatMul.Matrix(x, 9))));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
