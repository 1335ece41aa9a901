package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Gated;
import io.shardfire.kernels.reference.ActivationReference;
import java.util.Arrays;

/**
 * Compares activation functions and gated units with the reference, for any sizes. Each check
 * clears the bench first.
 */
public final class ActivationChecks {
  /** Inputs reach this far, where the functions have become lines. */
  private static final int RANGE = 6;

  /** Besides the roundings of a few products: the error of the exponential and its argument. */
  private static final double ROUNDINGS = 24;

  private final Workbench bench;

  /** Checks on the given bench. */
  public ActivationChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Forward, backward, and both in place. */
  public CheckResult activation(Activation.Function function, int length) {
    bench.clear();
    double[] x = inputs(length);
    double[] dy = bench.values(length);
    Span xs = bench.input(x);
    Span dys = bench.input(dy);
    Span y = bench.output(length);
    Span dx = bench.output(length);
    Span replacedX = bench.input(x);
    Span replacedDy = bench.input(dy);
    bench.run(
        recorder -> {
          Activation.forward(recorder, function, xs, y);
          Activation.backward(recorder, function, xs, dys, dx);
          Activation.forward(recorder, function, replacedX, replacedX);
          Activation.backward(recorder, function, xs, replacedDy, replacedDy);
        });
    ActivationReference reference = ActivationReference.valueOf(function.name());
    return new Comparison(bench)
        .output(y, reference.forward(x))
        .output(dx, reference.backward(x, dy))
        .output(replacedX, reference.forward(x))
        .output(replacedDy, reference.backward(x, dy))
        .within("Activation " + function + " length=" + length, ROUNDINGS);
  }

  /** Forward, backward, and backward in place. */
  public CheckResult gated(Activation.Function function, int rows, int width) {
    bench.clear();
    double[] x = inputs(2 * rows * width);
    double[] dy = bench.values(rows * width);
    Span xs = bench.input(x);
    Span dys = bench.input(dy);
    Span y = bench.output(rows * width);
    Span dx = bench.output(2 * rows * width);
    Span replaced = bench.input(x);
    bench.run(
        recorder -> {
          Gated.forward(recorder, function, rows, width, xs, y);
          Gated.backward(recorder, function, rows, width, xs, dys, dx);
          Gated.backward(recorder, function, rows, width, replaced, dys, replaced);
        });
    ActivationReference reference = ActivationReference.valueOf(function.name());
    return new Comparison(bench)
        .output(y, reference.gatedForward(x, width))
        .output(dx, reference.gatedBackward(x, dy, width))
        .output(replaced, reference.gatedBackward(x, dy, width))
        .within("Gated " + function + " " + rows + "x" + width, ROUNDINGS);
  }

  private double[] inputs(int length) {
    double[] x = bench.values(length);
    Arrays.setAll(x, i -> (float) (x[i] * RANGE));
    return x;
  }
}
