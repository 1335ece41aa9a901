package io.shardfire.kernels.reference;

/** Sums. */
public final class ReductionReference {
  private ReductionReference() {}

  /** Sums over the rows of x[rows, columns]. */
  public static double[] columnSum(double[] x, int rows, int columns) {
    double[] sums = new double[columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        sums[column] += x[row * columns + column];
      }
    }
    return sums;
  }

  /** Sums of squares of consecutive blocks. */
  public static double[] squareSum(double[] x, int block) {
    double[] sums = new double[x.length / block];
    for (int i = 0; i < sums.length * block; i++) {
      sums[i / block] += x[i] * x[i];
    }
    return sums;
  }
}
