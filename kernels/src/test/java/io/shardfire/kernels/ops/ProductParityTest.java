package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.MatMulChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches of products and products of a few rows against the reference. */
class ProductParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 1_500_000, 42);
  private final MatMulChecks checks = new MatMulChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 0",
    "2, 1, 1, 1, 3",
    "3, 5, 7, 9, 0",
    "12, 64, 32, 64, 0",
    "7, 33, 49, 385, 11",
    "2, 300, 97, 41, 1",
    "100, 3, 2, 5, 0",
  })
  void shouldMultiplyBatches(int count, int m, int n, int k, int padding) {
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      assertOk(checks.batchedMatMul(layout, count, m, n, k, padding, false));
      assertOk(checks.batchedMatMul(layout, count, m, n, k, padding, true));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0",
    "1, 16, 16, 0",
    "1, 127, 385, 0",
    "1, 129, 31, 5",
    "1, 1031, 769, 0",
    "2, 33, 17, 3",
    "3, 300, 401, 0",
    "16, 151, 97, 1",
    "35, 33, 70, 3",
    "1, 768, 1536, 0",
  })
  void shouldMultiplyAFewRows(int m, int n, int k, int padding) {
    assertOk(checks.matVec(MatMul.Layout.NN, m, n, k, padding));
    assertOk(checks.matVec(MatMul.Layout.NT, m, n, k, padding));
  }

  @ParameterizedTest
  @EnumSource(
      value = MatMul.Layout.class,
      names = {"NN", "NT"})
  void shouldComputeTheSameBitsEveryTimeAndForEveryRow(MatMul.Layout layout) {
    int m = 9;
    int n = 401;
    int k = 803;
    Span a = bench.input(bench.values(m * k));
    MatMul.Matrix b =
        new MatMul.Matrix(bench.input(bench.values(k * n)), layout == MatMul.Layout.NT ? k : n);
    Span together = bench.output(m * n);
    Span alone = bench.output(m * n);
    Repeats.assertSameBits(
        bench,
        List.of(together, alone),
        recorder -> {
          MatVec.record(
              recorder,
              layout,
              new MatMul.Matrix(a, k),
              b,
              new MatMul.Matrix(together, n),
              m,
              n,
              k,
              MatMul.Epilogue.NONE);
          for (int row = 0; row < m; row++) {
            MatVec.record(
                recorder,
                layout,
                new MatMul.Matrix(a.slice(row * k, k), k),
                b,
                new MatMul.Matrix(alone.slice(row * n, n), n),
                1,
                n,
                k,
                MatMul.Epilogue.NONE);
          }
        });
    assertArrayEquals(bench.read(together), bench.read(alone));
  }

  @Test
  void shouldCheckOperands() {
    MatMul.Matrix a = new MatMul.Matrix(bench.output(24), 6);
    MatMul.Matrix b = new MatMul.Matrix(bench.output(30), 5);
    MatMul.Matrix c = new MatMul.Matrix(bench.output(20), 5);
    assertEquals(
        "MatMul.NN: batch.cStride must keep the products of a batch apart: batch.cStride=4",
        failure(
            () ->
                MatMul.record(
                    null,
                    MatMul.Layout.NN,
                    a,
                    b,
                    c,
                    1,
                    5,
                    6,
                    MatMul.Epilogue.NONE,
                    new MatMul.Batch(4, 6, 0, 4))));
    assertEquals(
        "MatMul.NN: a is too short: length=24, needed=30, arena=workbench, offset="
            + a.span().offset(),
        failure(
            () ->
                MatMul.record(
                    null,
                    MatMul.Layout.NN,
                    a,
                    b,
                    c,
                    1,
                    5,
                    6,
                    MatMul.Epilogue.NONE,
                    new MatMul.Batch(5, 6, 0, 5))));
    assertEquals(
        "MatVec.TN: layout must be NN or NT: layout=TN",
        failure(
            () -> MatVec.record(null, MatMul.Layout.TN, a, b, c, 1, 5, 6, MatMul.Epilogue.NONE)));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
