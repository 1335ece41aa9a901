package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Positions;
import io.shardfire.kernels.ops.Rope;
import io.shardfire.kernels.reference.EmbeddingReference;
import io.shardfire.kernels.reference.PositionReference;
import java.util.Arrays;
import java.util.function.BiFunction;

/**
 * Compares rotary and added positions with the reference, for any sizes. Each check clears the
 * bench first.
 */
public final class PositionChecks {
  private static final double BASE = 500.0;

  private final Workbench bench;

  /** Checks on the given bench. */
  public PositionChecks(Workbench bench) {
    this.bench = bench;
  }

  /**
   * Forward and backward, into other rows and in place.
   *
   * @param start where the first sequence begins, read at run time; each after it one earlier
   */
  public CheckResult rope(Rope.Shape shape, int padding, int start) {
    bench.clear();
    int rows = shape.rows();
    int width = shape.heads() * shape.headSize();
    int stride = width + padding;
    double[] x = bench.values(rows * width);
    MatMul.Matrix in = new MatMul.Matrix(bench.matrix(x, width, stride), stride);
    MatMul.Matrix replaced = new MatMul.Matrix(bench.matrix(x, width, stride), stride);
    int[] starts = starts(rows, shape.time(), start);
    Span startSpan = start == 0 ? null : bench.input(starts);
    Span table = bench.output((start + shape.time()) * shape.rotaryDims());
    Rope.writeTable(table, shape.rotaryDims(), BASE);
    Span y = bench.output(rows * width);
    Span dx = bench.output(rows * width);
    bench.run(
        recorder -> {
          Rope.forward(recorder, shape, in, table, startSpan, new MatMul.Matrix(y, width));
          Rope.backward(recorder, shape, in, table, startSpan, new MatMul.Matrix(dx, width));
          Rope.forward(recorder, shape, replaced, table, startSpan, replaced);
        });
    double[] turned = reference(shape, x, starts, 1);
    return new Comparison(bench)
        .output(y, turned)
        .output(dx, reference(shape, x, starts, -1))
        .output(bench.read(replaced.span(), width, stride), turned)
        .within(
            "Rope "
                + shape.pairing()
                + " "
                + shape.rows()
                + "x"
                + shape.heads()
                + "x"
                + shape.headSize()
                + " start="
                + start,
            4);
  }

  private static double[] reference(Rope.Shape shape, double[] x, int[] starts, int direction) {
    return bySequence(
        x,
        shape.time() * shape.heads() * shape.headSize(),
        (part, sequence) ->
            PositionReference.rope(
                part,
                shape.heads(),
                shape.headSize(),
                shape.rotaryDims(),
                shape.pairing() == Rope.Pairing.NEIGHBOURS,
                BASE,
                starts[sequence],
                shape.time(),
                direction));
  }

  private static int[] starts(int rows, int time, int first) {
    int[] starts = new int[(rows + time - 1) / time];
    Arrays.setAll(starts, sequence -> Math.max(0, first - sequence));
    return starts;
  }

  private static double[] bySequence(
      double[] x, int floats, BiFunction<double[], Integer, double[]> reference) {
    double[] y = new double[x.length];
    for (int begin = 0; begin < x.length; begin += floats) {
      int end = Math.min(begin + floats, x.length);
      double[] part = reference.apply(Arrays.copyOfRange(x, begin, end), begin / floats);
      System.arraycopy(part, 0, y, begin, end - begin);
    }
    return y;
  }

  /** Sinusoids added beside and in place, and the gradient of a learned table. */
  public CheckResult positions(int rows, int time, int width, int start, boolean accumulate) {
    bench.clear();
    double[] x = bench.values(rows * width);
    double[] old = bench.values(time * width);
    Span xs = bench.input(x);
    Span replaced = bench.input(x);
    int[] starts = starts(rows, time, start);
    Span startSpan = start == 0 ? null : bench.input(starts);
    Span table = bench.output((start + time) * width);
    Positions.writeSinusoids(table, width, BASE);
    Span y = bench.output(rows * width);
    Span dtable = accumulate ? bench.input(old) : bench.output(time * width);
    bench.run(
        recorder -> {
          Positions.add(recorder, rows, time, width, xs, table, startSpan, y);
          Positions.add(recorder, rows, time, width, replaced, table, startSpan, replaced);
          Positions.backward(recorder, rows, time, width, xs, dtable, accumulate);
        });
    double[] expected =
        bySequence(
            x,
            time * width,
            (part, s) -> PositionReference.addSinusoids(part, width, BASE, starts[s], time));
    double[] gradient = accumulate ? old : new double[time * width];
    EmbeddingReference.backward(new int[rows], x, new double[width], gradient, time, width);
    return new Comparison(bench)
        .output(y, expected)
        .output(replaced, expected)
        .output(dtable, gradient)
        .within("Positions " + rows + "x" + width + " start=" + start, 4 + Math.sqrt(rows));
  }
}
