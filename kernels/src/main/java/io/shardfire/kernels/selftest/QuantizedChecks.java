package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.QuantizedMatVec;
import io.shardfire.kernels.ops.QuantizedMatrix;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.kernels.ops.WeightQuantizer;
import io.shardfire.kernels.reference.QuantizedReference;

/**
 * Compares what is done with weights in few bits with the reference, for any sizes. Each check
 * clears the bench first.
 */
public final class QuantizedChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public QuantizedChecks(Workbench bench) {
    this.bench = bench;
  }

  /** The reference of a format. */
  public static QuantizedReference reference(WeightFormat format, double[] w, int n, int k) {
    return format == WeightFormat.INT8
        ? QuantizedReference.int8(w, n, k)
        : QuantizedReference.int4(w, n, k);
  }

  /** Weights w[n,k] on the bench. */
  public QuantizedMatrix matrix(WeightFormat format, double[] w, int n, int k) {
    float[] weights = new float[w.length];
    for (int i = 0; i < w.length; i++) {
      weights[i] = (float) w[i];
    }
    QuantizedMatrix matrix =
        new QuantizedMatrix(
            format,
            n,
            k,
            bench.output((int) format.words(n, k)),
            bench.output((int) format.scales(n, k)));
    new WeightQuantizer(format, n, k)
        .quantize(new WeightQuantizer.Weights(weights, 0, k, 1), matrix);
    matrix.upload();
    return matrix;
  }

  /** A product of m rows, with bias and residual and without. */
  public CheckResult product(WeightFormat format, int m, int n, int k, int padding) {
    bench.clear();
    double[] x = bench.values(m * k);
    double[] w = bench.values(n * k);
    double[] old = bench.values(m * n);
    double[] bias = bench.values(n);
    MatMul.Matrix left = new MatMul.Matrix(bench.matrix(x, k, k + padding), k + padding);
    MatMul.Matrix residual = new MatMul.Matrix(bench.matrix(old, n, n + padding), n + padding);
    MatMul.Matrix sum = new MatMul.Matrix(bench.emptyMatrix(m, n, n + padding), n + padding);
    MatMul.Matrix plain = new MatMul.Matrix(bench.emptyMatrix(m, n, n + padding), n + padding);
    QuantizedMatrix matrix = matrix(format, w, n, k);
    Span added = bench.input(bias);
    Span rounded = bench.output((int) WeightFormat.roundedFloats(m, k));
    bench.run(
        recorder -> {
          QuantizedMatVec.record(recorder, m, left, matrix, added, residual, sum, rounded);
          QuantizedMatVec.record(recorder, m, left, matrix, null, null, plain, rounded);
        });
    double[] product = reference(format, w, n, k).multiply(x, m);
    double[] expected = product.clone();
    for (int i = 0; i < expected.length; i++) {
      expected[i] += old[i] + bias[i % n];
    }
    return new Comparison(bench)
        .output(bench.read(sum.span(), n, sum.stride()), expected, 1)
        .output(bench.read(plain.span(), n, plain.stride()), product)
        .within("QuantizedMatVec." + format + " " + m + "x" + n + "x" + k, 4 + Math.sqrt(k));
  }

  /** Weights as floats, from the middle of the matrix on, and some of its rows. */
  public CheckResult floats(WeightFormat format, int n, int k, int padding, int... ids) {
    bench.clear();
    double[] w = bench.values(n * k);
    QuantizedMatrix matrix = matrix(format, w, n, k);
    int first = n / 2 / 16 * 16;
    int columns = n - first;
    MatMul.Matrix part =
        new MatMul.Matrix(bench.emptyMatrix(k, columns, columns + padding), columns + padding);
    Span numbers = bench.input(ids);
    Span rows = bench.output(ids.length * k);
    bench.run(
        recorder -> {
          QuantizedMatVec.dequantize(recorder, matrix, first, columns, part);
          QuantizedMatVec.lookUp(recorder, numbers, matrix, rows);
        });
    double[] weights = reference(format, w, n, k).weights();
    double[] transposed = new double[k * columns];
    for (int i = 0; i < transposed.length; i++) {
      transposed[i] = weights[(first + i % columns) * k + i / columns];
    }
    double[] found = new double[ids.length * k];
    for (int i = 0; i < found.length; i++) {
      found[i] = weights[ids[i / k] * k + i % k];
    }
    return new Comparison(bench)
        .output(bench.read(part.span(), columns, part.stride()), transposed)
        .output(rows, found)
        .within("QuantizedMatVec.floats " + format + " " + n + "x" + k, 1);
  }
}
