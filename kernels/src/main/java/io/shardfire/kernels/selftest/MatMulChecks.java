package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.reference.MatMulReference;
import io.shardfire.kernels.reference.ReductionReference;

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
    double[] expected =
        switch (layout) {
          case NN -> MatMulReference.nn(a, b, m, n, k);
          case NT -> MatMulReference.nt(a, b, m, n, k);
          case TN -> MatMulReference.tn(a, b, m, n, k);
        };
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
