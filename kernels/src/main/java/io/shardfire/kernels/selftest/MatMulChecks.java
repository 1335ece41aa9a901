package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.kernels.reference.MatMulReference;
import io.shardfire.kernels.reference.ReductionReference;
import java.util.Arrays;

/**
 * Compares matrix products and column sums with the reference, for any sizes. Each check clears the
 * bench first.
 */
public final class MatMulChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public MatMulChecks(Workbench bench) {
    this.bench = bench;
  }

  /** What a product adds. */
  public enum Extra {
    NONE,
    BIAS,
    BIAS_AND_RESIDUAL,
    ACCUMULATE
  }

  /** Every layout and epilogue, with strides {@code padding} longer than the rows. */
  public CheckResult matMul(MatMul.Layout layout, int m, int n, int k, int padding, Extra extra) {
    bench.clear();
    int aColumns = layout == MatMul.Layout.TN ? m : k;
    int bColumns = layout == MatMul.Layout.NT ? k : n;
    double[] a = bench.values(m * k);
    double[] b = bench.values(k * n);
    double[] old = bench.values(m * n);
    double[] bias = bench.values(n);
    MatMul.Matrix left =
        new MatMul.Matrix(bench.matrix(a, aColumns, aColumns + padding), aColumns + padding);
    MatMul.Matrix right =
        new MatMul.Matrix(bench.matrix(b, bColumns, bColumns + padding), bColumns + padding);
    Span product =
        extra == Extra.ACCUMULATE
            ? bench.matrix(old, n, n + padding)
            : bench.emptyMatrix(m, n, n + padding);
    double[] expected = multiply(layout, a, b, m, n, k);
    for (int i = 0; i < m * n; i++) {
      if (extra == Extra.BIAS || extra == Extra.BIAS_AND_RESIDUAL) {
        expected[i] += bias[i % n];
      }
      if (extra == Extra.ACCUMULATE || extra == Extra.BIAS_AND_RESIDUAL) {
        expected[i] += old[i];
      }
    }
    MatMul.Epilogue epilogue =
        switch (extra) {
          case NONE -> MatMul.Epilogue.NONE;
          case ACCUMULATE -> MatMul.Epilogue.ACCUMULATE;
          case BIAS -> MatMul.Epilogue.bias(bench.input(bias));
          case BIAS_AND_RESIDUAL ->
              new MatMul.Epilogue(
                  bench.input(bias), new MatMul.Matrix(bench.matrix(old, n, n + 2), n + 2), false);
        };
    bench.run(
        recorder ->
            MatMul.record(
                recorder,
                layout,
                left,
                right,
                new MatMul.Matrix(product, n + padding),
                m,
                n,
                k,
                epilogue));
    return new Comparison(bench)
        .output(bench.read(product, n, n + padding), expected)
        .within("MatMul." + layout + " " + extra + " " + m + "x" + n + "x" + k, 4 + Math.sqrt(k));
  }

  /**
   * A batch of products. Its A are {@code padding} floats apart, its B are one matrix for all, and
   * its C lie behind each other or, {@code banded}, beside each other as bands of columns.
   */
  public CheckResult batchedMatMul(
      MatMul.Layout layout, int count, int m, int n, int k, int padding, boolean banded) {
    bench.clear();
    int aColumns = layout == MatMul.Layout.TN ? m : k;
    int bColumns = layout == MatMul.Layout.NT ? k : n;
    double[] as = bench.values(count * m * k);
    double[] b = bench.values(k * n);
    Span left = bench.matrix(as, m * k, m * k + padding);
    MatMul.Matrix right = new MatMul.Matrix(bench.input(b), bColumns);
    int stride = banded ? count * n : n;
    double[] old = bench.values(count * m * n);
    Span product = bench.input(old);
    MatMul.Batch batch = new MatMul.Batch(count, m * k + padding, 0, banded ? n : m * n);
    bench.run(
        recorder ->
            MatMul.record(
                recorder,
                layout,
                new MatMul.Matrix(left, aColumns),
                right,
                new MatMul.Matrix(product, stride),
                m,
                n,
                k,
                MatMul.Epilogue.ACCUMULATE,
                batch));
    double[] expected = old.clone();
    for (int item = 0; item < count; item++) {
      double[] a = Arrays.copyOfRange(as, item * m * k, (item + 1) * m * k);
      double[] one = multiply(layout, a, b, m, n, k);
      for (int i = 0; i < m * n; i++) {
        expected[item * batch.cStride() + i / n * stride + i % n] += one[i];
      }
    }
    return new Comparison(bench)
        .output(product, expected)
        .within(
            "MatMul." + layout + " batch=" + count + " " + m + "x" + n + "x" + k, 4 + Math.sqrt(k));
  }

  /** A few rows times a matrix, with bias and residual, and accumulated. */
  public CheckResult matVec(MatMul.Layout layout, int m, int n, int k, int padding) {
    bench.clear();
    int bColumns = layout == MatMul.Layout.NT ? k : n;
    double[] a = bench.values(m * k);
    double[] b = bench.values(k * n);
    double[] old = bench.values(m * n);
    double[] bias = bench.values(n);
    MatMul.Matrix left = new MatMul.Matrix(bench.matrix(a, k, k + padding), k + padding);
    MatMul.Matrix right =
        new MatMul.Matrix(bench.matrix(b, bColumns, bColumns + padding), bColumns + padding);
    MatMul.Matrix sum = new MatMul.Matrix(bench.emptyMatrix(m, n, n + padding), n + padding);
    MatMul.Matrix added = new MatMul.Matrix(bench.matrix(old, n, n + padding), n + padding);
    MatMul.Epilogue epilogue = new MatMul.Epilogue(bench.input(bias), added, false);
    bench.run(
        recorder -> {
          MatVec.record(recorder, layout, left, right, sum, m, n, k, epilogue);
          MatVec.record(recorder, layout, left, right, added, m, n, k, MatMul.Epilogue.ACCUMULATE);
        });
    double[] accumulated = multiply(layout, a, b, m, n, k);
    Arrays.setAll(accumulated, i -> accumulated[i] + old[i]);
    double[] expected = accumulated.clone();
    Arrays.setAll(expected, i -> expected[i] + bias[i % n]);
    return new Comparison(bench)
        .output(bench.read(sum.span(), n, sum.stride()), expected)
        .output(bench.read(added.span(), n, added.stride()), accumulated)
        .within("MatVec." + layout + " " + m + "x" + n + "x" + k, 4 + Math.sqrt(k));
  }

  static double[] multiply(MatMul.Layout layout, double[] a, double[] b, int m, int n, int k) {
    return switch (layout) {
      case NN -> MatMulReference.nn(a, b, m, n, k);
      case NT -> MatMulReference.nt(a, b, m, n, k);
      case TN -> MatMulReference.tn(a, b, m, n, k);
    };
  }

  /** Sums of strided rows. */
  public CheckResult columnSum(int rows, int columns, int padding, boolean accumulate) {
    bench.clear();
    double[] x = bench.values(rows * columns);
    double[] old = bench.values(columns);
    int stride = columns + padding;
    Span xs = bench.matrix(x, columns, stride);
    Span out = accumulate ? bench.input(old) : bench.output(columns);
    bench.run(recorder -> ColumnSum.record(recorder, rows, columns, xs, stride, out, accumulate));
    double[] expected = ReductionReference.columnSum(x, rows, columns);
    if (accumulate) {
      for (int i = 0; i < columns; i++) {
        expected[i] += old[i];
      }
    }
    return new Comparison(bench)
        .output(out, expected)
        .within("ColumnSum " + rows + "x" + columns, 4 + Math.sqrt(rows));
  }
}
