package io.shardfire.kernels.reference;

/** GELU, tanh form (Hendrycks and Gimpel, 2016). */
public final class GeluReference {
  private static final double SLOPE = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private GeluReference() {}

  /** gelu(x), element by element. */
  public static double[] forward(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = 0.5 * x[i] * (1 + tanhOf(x[i]));
    }
    return y;
  }

  /** dy gelu'(x), element by element. */
  public static double[] backward(double[] x, double[] dy) {
    double[] dx = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double t = tanhOf(x[i]);
      double inner = SLOPE * (1 + 3 * CUBIC * x[i] * x[i]);
      dx[i] = dy[i] * (0.5 * (1 + t) + 0.5 * x[i] * (1 - t * t) * inner);
    }
    return dx;
  }

  private static double tanhOf(double x) {
    return StrictMath.tanh(SLOPE * (x + CUBIC * x * x * x));
  }
}
