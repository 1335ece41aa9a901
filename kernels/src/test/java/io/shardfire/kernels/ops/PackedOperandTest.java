package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.Workbench;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products whose B was packed ahead, against those that pack it themselves, before or within their
 * tiles: the same bits.
 */
class PackedOperandTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private static final int PADDING = 3;
  private final Workbench bench = new Workbench(CONTEXT, 2_500_000, 29);

  private MatMul.Matrix matrix(int rows, int columns) {
    int stride = columns + PADDING;
    return new MatMul.Matrix(bench.matrix(bench.values(rows * columns), columns, stride), stride);
  }

  private MatMul.Matrix copy(MatMul.Matrix matrix) {
    return new MatMul.Matrix(bench.input(bench.read(matrix.span())), matrix.stride());
  }

  @ParameterizedTest
  @CsvSource({
    "NN, 1, 1, 1", "NN, 5, 129, 64", "NN, 300, 97, 423", "NN, 64, 64, 64", "NN, 70, 1037, 423",
    "NT, 1, 1, 1", "NT, 5, 129, 64", "NT, 300, 97, 423", "NT, 64, 64, 64", "NT, 70, 1037, 423",
    "TN, 1, 1, 1", "TN, 5, 129, 64", "TN, 300, 97, 423", "TN, 64, 64, 64", "TN, 70, 1037, 423",
  })
  void shouldMultiplyAsPackingForEachProduct(MatMul.Layout layout, int m, int n, int k) {
    MatMul.Matrix a = layout == MatMul.Layout.TN ? matrix(k, m) : matrix(m, k);
    MatMul.Matrix b = layout == MatMul.Layout.NT ? matrix(n, k) : matrix(k, n);
    MatMul.Matrix expected = matrix(m, n);
    MatMul.Matrix product = copy(expected);
    Span packed = bench.output((int) PackedOperand.floats(n, k));
    Span scratch =
        bench.output((int) MatMul.scratchFloats(Precision.BF16, m, n, k, MatMul.Batch.ONE));
    Span scratchOfA = bench.output((int) MatMul.packedScratchFloats(m, k));
    bench.run(
        recorder -> {
          PackedOperand.record(recorder, layout, b, n, k, packed);
          // The second one adds to the first, so that both have to be right.
          for (boolean accumulate : new boolean[] {false, true}) {
            MatMul.Epilogue epilogue =
                accumulate ? MatMul.Epilogue.ACCUMULATE : MatMul.Epilogue.NONE;
            MatMul.record(
                recorder,
                Precision.BF16,
                layout,
                a,
                b,
                expected,
                m,
                n,
                k,
                epilogue,
                MatMul.Batch.ONE,
                scratch);
            MatMul.recordPacked(
                recorder, layout, a, b, packed, product, m, n, k, epilogue, scratchOfA);
          }
        });
    assertArrayEquals(bench.read(expected.span()), bench.read(product.span()));
  }

  @Test
  void shouldReadWhatWasPackedAndNotWhatItWasPackedFrom() {
    assumeTrue(CONTEXT.form() == KernelForm.CPU, "the GPU form packs nothing");
    MatMul.Matrix a = matrix(7, 9);
    MatMul.Matrix b = matrix(9, 8);
    MatMul.Matrix before = matrix(7, 8);
    MatMul.Matrix after = copy(before);
    Span packed = bench.output((int) PackedOperand.floats(8, 9));
    Span scratch = bench.output((int) MatMul.packedScratchFloats(7, 9));
    bench.run(
        recorder -> {
          PackedOperand.record(recorder, MatMul.Layout.NN, b, 8, 9, packed);
          multiply(recorder, a, b, packed, before, scratch);
        });
    b.span().fill(0, b.span().length(), 2);
    b.span().upload();
    bench.run(recorder -> multiply(recorder, a, b, packed, after, scratch));
    assertArrayEquals(bench.read(before.span()), bench.read(after.span()));
    bench.run(
        recorder -> {
          PackedOperand.record(recorder, MatMul.Layout.NN, b, 8, 9, packed);
          multiply(recorder, a, b, packed, after, scratch);
        });
    assertFalse(Arrays.equals(bench.read(before.span()), bench.read(after.span())));
  }

  private static void multiply(
      CommandRecorder recorder,
      MatMul.Matrix a,
      MatMul.Matrix b,
      Span packed,
      MatMul.Matrix c,
      Span scratch) {
    MatMul.recordPacked(
        recorder, MatMul.Layout.NN, a, b, packed, c, 7, 8, 9, MatMul.Epilogue.NONE, scratch);
  }

  @Test
  void shouldCheckOperands() {
    Span floats = bench.output(3000);
    MatMul.Matrix a = new MatMul.Matrix(floats.slice(0, 63), 9);
    MatMul.Matrix b = new MatMul.Matrix(floats.slice(63, 72), 8);
    MatMul.Matrix c = new MatMul.Matrix(floats.slice(135, 56), 8);
    int needed = (int) PackedOperand.floats(8, 9);
    assertEquals(512 + 16, needed);
    Span small = floats.slice(200, needed - 1);
    assertEquals(
        "PackedOperand.NN: packed is too short: length=527, needed=528, arena=workbench, offset="
            + small.offset(),
        packingFailure(b, small));
    Span shared = floats.slice(100, needed);
    assertEquals(
        "PackedOperand.NN: b and packed must not overlap: b=" + b.span() + ", packed=" + shared,
        packingFailure(b, shared));
    Span scratch = floats.slice(1000, needed);
    assertEquals(
        "MatMul.NN: packedB is too short: length=527, needed=528, arena=workbench, offset="
            + small.offset(),
        productFailure(a, b, small, c, scratch));
    Span overC = floats.slice(190, needed);
    assertEquals(
        "MatMul.NN: packedB and c must not overlap: packedB=" + overC + ", c=" + c.span(),
        productFailure(a, b, overC, c, scratch));
    assertEquals(
        "MatMul.NN: packedB and scratch must not overlap: packedB="
            + scratch
            + ", scratch="
            + scratch,
        productFailure(a, b, scratch, c, scratch));
  }

  private static String packingFailure(MatMul.Matrix b, Span packed) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> PackedOperand.record(null, MatMul.Layout.NN, b, 8, 9, packed))
        .getMessage();
  }

  private static String productFailure(
      MatMul.Matrix a, MatMul.Matrix b, Span packed, MatMul.Matrix c, Span scratch) {
    return assertThrows(
            IllegalArgumentException.class, () -> multiply(null, a, b, packed, c, scratch))
        .getMessage();
  }
}
