package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Softmax;
import io.shardfire.kernels.reference.CrossEntropyReference;
import io.shardfire.kernels.reference.SoftmaxReference;
import java.util.Arrays;

/**
 * Compares softmax, and cross-entropy with its options, with the reference, for any sizes. Each
 * check clears the bench first.
 */
public final class SoftmaxChecks {
  private final Workbench bench;

  /** Checks on the given bench. */
  public SoftmaxChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Forward and backward, beside and in place. */
  public CheckResult softmax(int rows, int columns, int padding) {
    bench.clear();
    int stride = columns + padding;
    double[] x = logits(rows * columns);
    double[] dy = bench.values(rows * columns);
    MatMul.Matrix in = new MatMul.Matrix(bench.matrix(x, columns, stride), stride);
    MatMul.Matrix replaced = new MatMul.Matrix(bench.matrix(x, columns, stride), stride);
    MatMul.Matrix upstream = new MatMul.Matrix(bench.input(dy), columns);
    MatMul.Matrix y = new MatMul.Matrix(bench.output(rows * columns), columns);
    MatMul.Matrix dx = new MatMul.Matrix(bench.emptyMatrix(rows, columns, stride), stride);
    bench.run(
        recorder -> {
          Softmax.forward(recorder, rows, columns, in, y);
          Softmax.forward(recorder, rows, columns, replaced, replaced);
          Softmax.backward(recorder, rows, columns, y, upstream, dx);
          Softmax.backward(recorder, rows, columns, y, upstream, upstream);
        });
    double[] expected = SoftmaxReference.forward(x, columns);
    double[] gradient = SoftmaxReference.backward(expected, dy, columns);
    return new Comparison(bench)
        .output(y.span(), expected)
        .output(bench.read(replaced.span(), columns, stride), expected)
        .output(bench.read(dx.span(), columns, stride), gradient)
        .output(upstream.span(), gradient)
        .within("Softmax " + rows + "x" + columns, 32 + Math.sqrt(columns));
  }

  /**
   * Cross-entropy with label smoothing, weights and a factor of the gradients; every third target
   * is ignored.
   */
  public CheckResult crossEntropy(int rows, int vocabulary, float smoothing) {
    bench.clear();
    double[] logits = logits(rows * vocabulary);
    int[] targets = bench.integers(rows, vocabulary);
    for (int row = 2; row < rows; row += 3) {
      targets[row] = -1;
    }
    double[] weights = bench.values(rows);
    Span z = bench.input(logits);
    Span targetSpan = bench.input(targets);
    Span losses = bench.output(rows);
    Span lossesOnly = bench.output(rows);
    float factor = 8;
    CrossEntropy.Options options =
        new CrossEntropy.Options(
            smoothing, bench.input(weights), bench.input(new double[] {factor}));
    float scale = 0.37f;
    bench.run(
        recorder -> {
          CrossEntropy.forward(
              recorder, rows, vocabulary, z, vocabulary, targetSpan, lossesOnly, options);
          CrossEntropy.forwardBackward(
              recorder,
              rows,
              vocabulary,
              z,
              vocabulary,
              targetSpan,
              losses,
              scale / factor,
              options);
        });
    CrossEntropyReference.Result expected =
        CrossEntropyReference.forwardBackward(
            logits, targets, vocabulary, scale, smoothing, weights);
    return new Comparison(bench)
        .output(losses, expected.losses())
        .output(lossesOnly, expected.losses())
        .output(z, expected.gradient())
        .within(
            "CrossEntropy " + rows + "x" + vocabulary + " smoothing=" + smoothing,
            32 + Math.sqrt(vocabulary));
  }

  private double[] logits(int count) {
    double[] values = bench.values(count);
    Arrays.setAll(values, i -> (float) (values[i] * 10));
    return values;
  }
}
