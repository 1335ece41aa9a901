package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FusedProductChecks;
import io.shardfire.kernels.selftest.FusedProductChecks.Size;
import io.shardfire.kernels.selftest.FusedProductChecks.Variant;
import io.shardfire.kernels.selftest.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in bf16 against the reference of rounded operands, with everything that may follow. */
class Bf16ProductParityTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private final Workbench bench = new Workbench(CONTEXT, 2_500_000, 23);
  private final FusedProductChecks checks = new FusedProductChecks(bench, Precision.BF16);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 0",
    "1, 7, 3, 2, 5",
    "2, 16, 16, 31, 0",
    "1, 32, 32, 32, 0",
    "3, 33, 17, 33, 1",
    "2, 5, 129, 64, 3",
    "1, 97, 33, 801, 0",
    "1, 300, 97, 41, 1",
    "1, 101, 1031, 13, 7",
  })
  void shouldMultiplyAndFinish(int count, int m, int n, int k, int padding) {
    Size size = new Size(count, m, n, k, padding);
    Variant plain = new Variant(null, false, false, false, false);
    Variant accumulated = new Variant(null, true, false, true, false);
    Variant added = new Variant(null, true, true, false, false);
    Variant activated = new Variant(Activation.Function.SILU, true, false, true, true);
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      assertOk(checks.product(layout, size, plain, false));
      assertOk(checks.product(layout, size, accumulated, true));
      assertOk(checks.product(layout, size, added, false));
      assertOk(checks.product(layout, size, activated, true));
      assertOk(checks.product(layout, size, Variant.of(Activation.Function.GELU), false));
    }
  }

  @Test
  void shouldAddAResidualInPlaceAndShareAMatrix() {
    int count = 3;
    int m = 35;
    int n = 41;
    int k = 423;
    MatMul.Matrix a = new MatMul.Matrix(bench.input(bench.values(count * m * k)), k);
    MatMul.Matrix b = new MatMul.Matrix(bench.input(bench.values(k * n)), n);
    double[] old = bench.values(count * m * n);
    MatMul.Matrix inPlace = new MatMul.Matrix(bench.input(old), n);
    MatMul.Matrix accumulated = new MatMul.Matrix(bench.input(old), n);
    MatMul.Batch batch = new MatMul.Batch(count, m * k, 0, m * n);
    Span scratch = bench.output((int) MatMul.scratchFloats(Precision.BF16, m, n, k, batch));
    MatMul.Epilogue residual = new MatMul.Epilogue(null, inPlace, false);
    MatMul.Layout layout = MatMul.Layout.NN;
    bench.run(
        recorder -> {
          MatMul.record(
              recorder, Precision.BF16, layout, a, b, inPlace, m, n, k, residual, batch, scratch);
          MatMul.record(
              recorder,
              Precision.BF16,
              layout,
              a,
              b,
              accumulated,
              m,
              n,
              k,
              MatMul.Epilogue.ACCUMULATE,
              batch,
              scratch);
        });
    assertArrayEquals(bench.read(inPlace.span()), bench.read(accumulated.span()));
  }

  @Test
  void shouldCheckScratchMemory() {
    Span floats = bench.output(3000);
    MatMul.Matrix a = new MatMul.Matrix(floats.slice(0, 24), 6);
    MatMul.Matrix b = new MatMul.Matrix(floats.slice(24, 30), 5);
    MatMul.Matrix c = new MatMul.Matrix(floats.slice(54, 20), 5);
    int needed = (int) MatMul.scratchFloats(Precision.BF16, 4, 5, 6, MatMul.Batch.ONE);
    assertEquals(2 * 512 + 2 * 16, needed);
    assertEquals(0, MatMul.scratchFloats(Precision.FP32, 4, 5, 6, MatMul.Batch.ONE));
    Span small = floats.slice(100, needed - 1);
    assertEquals(
        "MatMul.NN: scratch is too short: length=1055, needed=1056, arena=workbench, offset="
            + small.offset(),
        failure(a, b, c, small));
    Span shared = floats.slice(73, needed);
    assertEquals(
        "MatMul.NN: scratch and c must not overlap: scratch=" + shared + ", c=" + c.span(),
        failure(a, b, c, shared));
    assertEquals("MatMul.NN: scratch is missing", failure(a, b, c, null));
  }

  private static String failure(MatMul.Matrix a, MatMul.Matrix b, MatMul.Matrix c, Span scratch) {
    return assertThrows(
            IllegalArgumentException.class,
            () ->
                MatMul.record(
                    null,
                    Precision.BF16,
                    MatMul.Layout.NN,
                    a,
                    b,
                    c,
                    4,
                    5,
                    6,
                    MatMul.Epilogue.NONE,
                    MatMul.Batch.ONE,
                    scratch))
        .getMessage();
  }
}
