package io.shardfire.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.function.Function;

/** Compares a gradient with central differences. */
final class FiniteDifferences {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-7;

  private FiniteDifferences() {}

  /** Values in [-1, 1). */
  static double[] values(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = 2 * random.nextDouble() - 1;
    }
    return values;
  }

  /** The gradient of upstream . function(x) in every coordinate of x, which is left as it was. */
  static void assertGradient(
      double[] gradient, double[] x, double[] upstream, Function<double[], double[]> function) {
    assertEquals(x.length, gradient.length);
    for (int i = 0; i < x.length; i++) {
      double value = x[i];
      x[i] = value + STEP;
      double above = dot(upstream, function.apply(x));
      x[i] = value - STEP;
      double below = dot(upstream, function.apply(x));
      x[i] = value;
      assertEquals((above - below) / (2 * STEP), gradient[i], TOLERANCE, "coordinate " + i);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
