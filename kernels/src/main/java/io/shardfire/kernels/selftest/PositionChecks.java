package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Positions;
import io.shardfire.kernels.ops.Rope;
import io.shardfire.kernels.reference.EmbeddingReference;
import io.shardfire.kernels.reference.PositionReference;

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

  /** Forward and backward, into other rows and in place; {@code start} is read at run time. */
  public CheckResult rope(Rope.Shape shape, int padding, int start) {
    bench.clear();
    int rows = shape.rows();
    int width = shape.heads() * shape.headSize();
    int stride = width + padding;
    double[] x = bench.values(rows * width);
    MatMul.Matrix in = new MatMul.Matrix(bench.matrix(x, width, stride), stride);
    MatMul.Matrix replaced = new MatMul.Matrix(bench.matrix(x, width, stride), stride);
    Span startSpan = start == 0 ? null : bench.input(start);
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
    double[] turned = reference(shape, x, start, 1);
    return new Comparison(bench)
        .output(y, turned)
        .output(dx, reference(shape, x, start, -1))
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

  private static double[] reference(Rope.Shape shape, double[] x, int start, int direction) {
    return PositionReference.rope(
        x,
        shape.heads(),
        shape.headSize(),
        shape.rotaryDims(),
        shape.pairing() == Rope.Pairing.NEIGHBOURS,
        BASE,
        start,
        shape.time(),
        direction);
  }

  /** Sinusoids added beside and in place, and the gradient of a learned table. */
  public CheckResult positions(int rows, int time, int width, int start, boolean accumulate) {
    bench.clear();
    double[] x = bench.values(rows * width);
    double[] old = bench.values(time * width);
    Span xs = bench.input(x);
    Span replaced = bench.input(x);
    Span startSpan = start == 0 ? null : bench.input(start);
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
    double[] expected = PositionReference.addSinusoids(x, width, BASE, start, time);
    double[] gradient = accumulate ? old : new double[time * width];
    EmbeddingReference.backward(new int[rows], x, new double[width], gradient, time, width);
    return new Comparison(bench)
        .output(y, expected)
        .output(replaced, expected)
        .output(dtable, gradient)
        .within("Positions " + rows + "x" + width + " start=" + start, 4 + Math.sqrt(rows));
  }
}
