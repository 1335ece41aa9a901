package io.shardfire.kernels.reference;

/** Softmax of the rows of x[rows, columns]. */
public final class SoftmaxReference {
  private SoftmaxReference() {}

  /** The forward pass. */
  public static double[] forward(double[] x, int columns) {
    double[] y = new double[x.length];
    for (int begin = 0; begin < x.length; begin += columns) {
      double maximum = Double.NEGATIVE_INFINITY;
      for (int i = begin; i < begin + columns; i++) {
        maximum = Math.max(maximum, x[i]);
      }
      double sum = 0;
      for (int i = begin; i < begin + columns; i++) {
        y[i] = StrictMath.exp(x[i] - maximum);
        sum += y[i];
      }
      for (int i = begin; i < begin + columns; i++) {
        y[i] /= sum;
      }
    }
    return y;
  }

  /** The backward pass, from the softmax y. */
  public static double[] backward(double[] y, double[] dy, int columns) {
    double[] dx = new double[y.length];
    for (int begin = 0; begin < y.length; begin += columns) {
      double projected = 0;
      for (int i = begin; i < begin + columns; i++) {
        projected += y[i] * dy[i];
      }
      for (int i = begin; i < begin + columns; i++) {
        dx[i] = y[i] * (dy[i] - projected);
      }
    }
    return dx;
  }
}
