package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;

/** Gathers the deviations of the outputs of one operation. */
final class Comparison {
  private static final double EPSILON = Math.ulp(1f) / 2;

  /**
   * Operands are of order one, so a result whose largest value is below this is the difference of
   * larger numbers, and its rounding error is measured against this instead.
   */
  static final double SMALLEST_SCALE = 0.01;

  private final Workbench bench;
  private double worst;

  Comparison(Workbench bench) {
    this.bench = bench;
  }

  Comparison output(Span span, double[] expected) {
    return output(bench.read(span), expected);
  }

  Comparison output(double[] actual, double[] expected) {
    return output(actual, expected, SMALLEST_SCALE);
  }

  /** For results that are differences of numbers of order {@code scale}. */
  Comparison output(double[] actual, double[] expected, double scale) {
    double largest = scale;
    double deviation = actual.length == expected.length ? 0 : Double.NaN;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      // Math.max keeps a NaN.
      deviation = Math.max(deviation, Math.abs(actual[i] - expected[i]));
    }
    worst = Math.max(worst, deviation / largest);
    return this;
  }

  /**
   * The result, with a tolerance of {@code roundings} float roundings.
   *
   * <p>Rounding errors of a sum of n terms grow like the square root of n, as does the sum itself
   * for terms of either sign: a caller passes a constant plus the root of the longest sum.
   */
  CheckResult within(String name, double roundings) {
    double error = bench.damage().isEmpty() ? worst : Double.NaN;
    return new CheckResult(name, error, roundings * EPSILON);
  }
}
