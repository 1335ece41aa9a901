package io.shardfire.kernels.reference;

/** Rotary (Su et al., 2021) and sinusoidal (Vaswani et al., 2017) positions. */
public final class PositionReference {
  private PositionReference() {}

  /**
   * x[rows, heads * headSize] turned by the positions start + r mod time, by {@code direction}
   * times the angle: 1 forward, -1 for the gradient.
   */
  public static double[] rope(
      double[] x,
      int heads,
      int headSize,
      int rotaryDims,
      boolean neighbours,
      double base,
      int start,
      int time,
      int direction) {
    double[] y = x.clone();
    int width = heads * headSize;
    for (int head = 0; head < x.length / headSize; head++) {
      int row = head * headSize / width;
      int position = start + row % time;
      for (int i = 0; i < rotaryDims / 2; i++) {
        double angle = direction * position * StrictMath.pow(base, -2.0 * i / rotaryDims);
        int first = head * headSize + (neighbours ? 2 * i : i);
        int second = first + (neighbours ? 1 : rotaryDims / 2);
        y[first] = x[first] * StrictMath.cos(angle) - x[second] * StrictMath.sin(angle);
        y[second] = x[second] * StrictMath.cos(angle) + x[first] * StrictMath.sin(angle);
      }
    }
    return y;
  }

  /** x[rows, width] plus the sinusoids of the positions start + r mod time. */
  public static double[] addSinusoids(double[] x, int width, double base, int start, int time) {
    double[] y = x.clone();
    for (int i = 0; i < x.length; i++) {
      int column = i % width;
      double angle =
          (start + i / width % time) * StrictMath.pow(base, -(column / 2 * 2) / (double) width);
      y[i] += column % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle);
    }
    return y;
  }
}
