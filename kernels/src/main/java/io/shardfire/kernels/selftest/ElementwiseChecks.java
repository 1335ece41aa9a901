package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.SquareSum;
import io.shardfire.kernels.reference.AdamWReference;
import io.shardfire.kernels.reference.DropoutReference;
import io.shardfire.kernels.reference.GeluReference;
import io.shardfire.kernels.reference.ReductionReference;
import java.util.Arrays;

/**
 * Compares the operations on flat spans with the reference, for any lengths. Each check clears the
 * bench first.
 */
public final class ElementwiseChecks {
  private static final long KEY = 0x9abc_def0_1234_5678L;
  private static final float RATE = 0.3f;

  private final Workbench bench;

  /** Checks on the given bench. */
  public ElementwiseChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Copy, fill and sum, also in place. */
  public CheckResult elementwise(int length) {
    bench.clear();
    double[] a = bench.values(length);
    double[] b = bench.values(length);
    Span as = bench.input(a);
    Span bs = bench.input(b);
    Span copied = bench.output(length);
    Span filled = bench.output(length);
    Span sum = bench.output(length);
    bench.run(
        recorder -> {
          Elementwise.copy(recorder, as, copied);
          Elementwise.fill(recorder, filled, 0.75f);
          Elementwise.add(recorder, as, bs, sum);
          Elementwise.add(recorder, sum, bs, sum);
        });
    double[] constant = new double[length];
    Arrays.fill(constant, 0.75);
    double[] expected = new double[length];
    Arrays.setAll(expected, i -> a[i] + 2 * b[i]);
    return new Comparison(bench)
        .output(copied, a)
        .output(filled, constant)
        // The first sum, which is rounded too, may be twice as large as the second.
        .output(bench.read(sum), expected, 2)
        .within("Elementwise length=" + length, 2);
  }

  /** Forward and backward. */
  public CheckResult gelu(int length) {
    bench.clear();
    double[] x = bench.values(length);
    Arrays.setAll(x, i -> (float) (x[i] * 6));
    double[] dy = bench.values(length);
    Span xs = bench.input(x);
    Span dys = bench.input(dy);
    Span y = bench.output(length);
    Span dx = bench.output(length);
    bench.run(
        recorder -> {
          Gelu.forward(recorder, xs, y);
          Gelu.backward(recorder, xs, dys, dx);
        });
    return new Comparison(bench)
        .output(y, GeluReference.forward(x))
        .output(dx, GeluReference.backward(x, dy))
        .within("Gelu length=" + length, 16);
  }

  /** Forward with residual and backward. */
  public CheckResult dropout(int length) {
    bench.clear();
    double[] x = bench.values(length);
    double[] residual = bench.values(length);
    Dropout.Mask mask = mask(9);
    Span input = bench.input(x);
    Span added = bench.input(residual);
    Span y = bench.output(length);
    Span dx = bench.output(length);
    bench.run(
        recorder -> {
          Dropout.forward(recorder, mask, input, added, y);
          Dropout.backward(recorder, mask, input, dx);
        });
    double[] dropped = new DropoutReference(RATE, KEY, 9).apply(x);
    double[] sum = dropped.clone();
    Arrays.setAll(sum, i -> dropped[i] + residual[i]);
    return new Comparison(bench)
        .output(y, sum)
        .output(dx, dropped)
        .within("Dropout length=" + length, 2);
  }

  private Dropout.Mask mask(int stream) {
    Span key = bench.output(Dropout.KEY_FLOATS);
    Dropout.writeKey(key, KEY);
    return new Dropout.Mask(RATE, key, stream);
  }

  /** Two steps. */
  public CheckResult adamW(int length) {
    bench.clear();
    double[] p = bench.values(length);
    double[] g = bench.values(length);
    double[] m = bench.values(length);
    double[] v = bench.values(length);
    Arrays.setAll(v, i -> Math.abs(v[i]));
    Span ps = bench.input(p);
    Span gs = bench.input(g);
    Span ms = bench.input(m);
    Span vs = bench.input(v);
    Span step = bench.input(1e-2f, 0.25f, 0.125f, 0.5f);
    AdamW.Group group = new AdamW.Group(0.875f, 0.9375f, 0x1p-20f, 0.125f);
    bench.run(
        recorder -> {
          AdamW.record(recorder, group, ps, gs, ms, vs, step);
          AdamW.record(recorder, group, ps, gs, ms, vs, step);
        });
    AdamWReference reference = new AdamWReference(0.875, 0.9375, 0x1p-20, 0.125);
    reference.step(p, g, m, v, 1e-2f, 0.25, 0.125, 0.5);
    reference.step(p, g, m, v, 1e-2f, 0.25, 0.125, 0.5);
    return new Comparison(bench)
        .output(ps, p)
        .output(ms, m)
        .output(vs, v)
        .within("AdamW length=" + length, 16);
  }

  /** Blocks of squares; the sum of both floats is compared at double precision. */
  public CheckResult squareSum(int blocks) {
    bench.clear();
    double[] x = bench.values(blocks * SquareSum.BLOCK);
    Span xs = bench.input(x);
    Span out = bench.output(2 * blocks);
    bench.run(recorder -> SquareSum.record(recorder, xs, out));
    double[] halves = bench.read(out);
    double[] sums = new double[blocks];
    Arrays.setAll(sums, i -> halves[2 * i] + halves[2 * i + 1]);
    // Two floats carry 48 bits: 2^-47 of the value, in float roundings of 2^-24.
    return new Comparison(bench)
        .output(sums, ReductionReference.squareSum(x, SquareSum.BLOCK))
        .within("SquareSum blocks=" + blocks, 0x1p-22);
  }
}
