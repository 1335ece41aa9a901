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

  /**
   * The sum of buffers [count, length] in the fixed tree, every addition rounded to a float: the
   * kernel's very bits.
   */
  public static double[] treeSum(double[] buffers, int count, int length) {
    double[] sums = new double[length];
    for (int i = 0; i < length; i++) {
      sums[i] = treeSum(buffers, 0, count, length, i);
    }
    return sums;
  }

  private static float treeSum(double[] buffers, int from, int count, int length, int index) {
    if (count == 1) {
      return (float) buffers[from * length + index];
    }
    int left = Integer.highestOneBit(count - 1);
    return treeSum(buffers, from, left, length, index)
        + treeSum(buffers, from + left, count - left, length, index);
  }
}
