package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.RmsNorm;
import io.shardfire.kernels.reference.LayerNormReference;
import io.shardfire.kernels.reference.RmsNormReference;
import java.util.Arrays;

/**
 * Compares RMSNorm and the norms fused with a residual with the reference, for any sizes. Each
 * check clears the bench first.
 */
public final class NormalizationChecks {
  private static final float EPSILON = 1e-2f;

  private final Workbench bench;

  /** Checks on the given bench. */
  public NormalizationChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Forward and backward; {@code accumulate} adds to gradients that are not zero. */
  public CheckResult rmsNorm(int rows, int width, boolean accumulate) {
    bench.clear();
    double[] x = bench.values(rows * width);
    double[] weight = bench.values(width);
    double[] dy = bench.values(rows * width);
    double[] oldInput = bench.values(rows * width);
    double[] oldWeight = bench.values(width);
    Span xs = bench.input(x);
    Span ws = bench.input(weight);
    Span dys = bench.input(dy);
    Span y = bench.output(rows * width);
    Span stats = bench.output(rows);
    Span dx = accumulate ? bench.input(oldInput) : bench.output(rows * width);
    Span dw = accumulate ? bench.input(oldWeight) : bench.output(width);
    bench.run(
        recorder -> {
          RmsNorm.forward(recorder, rows, width, EPSILON, xs, ws, y, stats);
          RmsNorm.backward(
              recorder, rows, width, xs, ws, stats, dys, dx, accumulate, dw, accumulate);
        });
    RmsNormReference.Result forward = RmsNormReference.forward(x, weight, rows, width, EPSILON);
    RmsNormReference.Gradients backward =
        RmsNormReference.backward(x, weight, forward.stats(), dy, rows, width);
    return new Comparison(bench)
        .output(y, forward.y())
        .output(stats, forward.stats())
        .output(dx, accumulate ? sum(backward.dx(), oldInput) : backward.dx())
        .output(dw, accumulate ? sum(backward.dweight(), oldWeight) : backward.dweight())
        .within(
            "RmsNorm " + rows + "x" + width + (accumulate ? " accumulate" : ""),
            roundings(rows, width));
  }

  /** RMSNorm of a sum that is stored beside, and in place of the residual. */
  public CheckResult residualRmsNorm(int rows, int width) {
    bench.clear();
    double[] x = bench.values(rows * width);
    double[] residual = bench.values(rows * width);
    double[] weight = bench.values(width);
    Span xs = bench.input(x);
    Span added = bench.input(residual);
    Span ws = bench.input(weight);
    Span total = bench.output(rows * width);
    Span y = bench.output(rows * width);
    Span again = bench.output(rows * width);
    Span stats = bench.output(rows);
    bench.run(
        recorder -> {
          RmsNorm.forwardResidual(recorder, rows, width, EPSILON, xs, added, ws, total, y, stats);
          RmsNorm.forwardResidual(
              recorder, rows, width, EPSILON, xs, added, ws, added, again, stats);
        });
    double[] sum = sum(x, residual);
    RmsNormReference.Result expected = RmsNormReference.forward(sum, weight, rows, width, EPSILON);
    return new Comparison(bench)
        .output(total, sum)
        .output(added, sum)
        .output(y, expected.y())
        .output(again, expected.y())
        .output(stats, expected.stats())
        .within("RmsNorm residual " + rows + "x" + width, roundings(rows, width));
  }

  /** LayerNorm of a sum that is stored beside, and in place of x. */
  public CheckResult residualLayerNorm(int rows, int width) {
    bench.clear();
    double[] x = bench.values(rows * width);
    double[] residual = bench.values(rows * width);
    double[] weight = bench.values(width);
    double[] bias = bench.values(width);
    Span xs = bench.input(x);
    Span added = bench.input(residual);
    Span ws = bench.input(weight);
    Span bs = bench.input(bias);
    Span total = bench.output(rows * width);
    Span y = bench.output(rows * width);
    Span again = bench.output(rows * width);
    Span stats = bench.output(2 * rows);
    bench.run(
        recorder -> {
          LayerNorm.forwardResidual(
              recorder, rows, width, EPSILON, xs, added, ws, bs, total, y, stats);
          LayerNorm.forwardResidual(
              recorder, rows, width, EPSILON, xs, added, ws, bs, xs, again, stats);
        });
    double[] sum = sum(x, residual);
    LayerNormReference.Result expected =
        LayerNormReference.forward(sum, weight, bias, rows, width, EPSILON);
    return new Comparison(bench)
        .output(total, sum)
        .output(xs, sum)
        .output(y, expected.y())
        .output(again, expected.y())
        .output(stats, expected.stats())
        .within("LayerNorm residual " + rows + "x" + width, roundings(rows, width));
  }

  private static double roundings(int rows, int width) {
    return 32 + 2 * Math.sqrt((double) width + rows);
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = new double[a.length];
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }
}
