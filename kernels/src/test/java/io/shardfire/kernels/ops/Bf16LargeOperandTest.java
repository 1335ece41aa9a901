package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.Workbench;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products in bf16 of an operand that is packed past the caches ({@code BF16_STREAMED_WORDS} of the
 * kernels), in every layout of it: the bits of the products of its parts, which are not.
 */
class Bf16LargeOperandTest {
  private static final int LINES = 4100;
  private static final int FEW = 3;
  private static final int DEPTH = 4070;

  /** Lines of the first part. */
  private static final int PART = 2000;

  private static final Workbench BENCH =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 27_000_000, 5);
  private static final Span LARGE = BENCH.input(BENCH.values(LINES * DEPTH));
  private static final Span SMALL = BENCH.input(BENCH.values(FEW * DEPTH));
  private static final Span PACKED_LARGE = BENCH.output((int) PackedOperand.floats(LINES, DEPTH));
  private static final Span PACKED_SMALL = BENCH.output((int) PackedOperand.floats(FEW, DEPTH));
  private static final Span OF_PARTS = BENCH.output(LINES * FEW);
  private static final Span WHOLE = BENCH.output(LINES * FEW);

  /** Lines [first, first + count) of a matrix whose k are neighbours, or whose lines are. */
  private static MatMul.Matrix lines(int first, boolean alongDepth) {
    int offset = alongDepth ? first * DEPTH : first;
    return new MatMul.Matrix(
        LARGE.slice(offset, LARGE.length() - offset), alongDepth ? DEPTH : LINES);
  }

  private static void multiply(
      MatMul.Layout layout, boolean left, int first, int count, Span target) {
    boolean alongDepth = left ? layout != MatMul.Layout.TN : layout == MatMul.Layout.NT;
    boolean smallAlongDepth = left ? layout == MatMul.Layout.NT : layout != MatMul.Layout.TN;
    MatMul.Matrix large = lines(first, alongDepth);
    MatMul.Matrix small = new MatMul.Matrix(SMALL, smallAlongDepth ? DEPTH : FEW);
    int offset = left ? first * FEW : first;
    MatMul.Matrix product =
        new MatMul.Matrix(target.slice(offset, target.length() - offset), left ? FEW : LINES);
    MatMul.Matrix b = left ? small : large;
    int m = left ? count : FEW;
    int n = left ? FEW : count;
    Span packedB = left ? PACKED_SMALL : PACKED_LARGE;
    BENCH.run(
        recorder -> {
          PackedOperand.record(recorder, layout, b, n, DEPTH, packedB);
          MatMul.recordPacked(
              recorder,
              layout,
              left ? large : small,
              b,
              packedB,
              product,
              m,
              n,
              DEPTH,
              MatMul.Epilogue.NONE,
              left ? PACKED_LARGE : PACKED_SMALL);
        });
  }

  @ParameterizedTest
  @CsvSource({"NN, true", "TN, true", "NN, false", "NT, false"})
  void shouldMultiplyByALargeOperandAsByItsParts(MatMul.Layout layout, boolean left) {
    multiply(layout, left, 0, PART, OF_PARTS);
    multiply(layout, left, PART, LINES - PART, OF_PARTS);
    multiply(layout, left, 0, LINES, WHOLE);
    assertArrayEquals(BENCH.read(OF_PARTS), BENCH.read(WHOLE));
  }
}
