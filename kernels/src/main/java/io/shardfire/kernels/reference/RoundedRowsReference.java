package io.shardfire.kernels.reference;

/** Rows x[m,k] as products with weights in few bits round them: whole numbers times scales. */
final class RoundedRowsReference {
  /** Numbers that share a scale. */
  static final int GROUP = 32;

  private static final int LARGEST = 32767;

  private final int k;
  private final int[] levels;
  private final float[] scales;

  RoundedRowsReference(float[] x, int k) {
    this.k = k;
    levels = new int[x.length];
    scales = new float[x.length / k * groups()];
    for (int group = 0; group < scales.length; group++) {
      int row = group / groups();
      int from = row * k + group % groups() * GROUP;
      scales[group] = round(x, from, Math.min(from + GROUP, (row + 1) * k));
    }
  }

  private int groups() {
    return (k + GROUP - 1) / GROUP;
  }

  /** Fills the levels and returns the scale; NaN where a number is not finite. */
  private float round(float[] x, int from, int to) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    if (!(largest <= Float.MAX_VALUE)) {
      return Float.NaN;
    }
    float scale = largest / LARGEST;
    if (scale < Float.MIN_NORMAL) {
      return 0;
    }
    float factor = LARGEST / largest;
    for (int i = from; i < to; i++) {
      levels[i] = (int) Math.rint(x[i] * factor);
    }
    return scale;
  }

  /** Of a number, by its place in [m,k]. */
  int level(int at) {
    return levels[at];
  }

  float scale(int at) {
    return scales[at / k * groups() + at % k / GROUP];
  }

  double value(int at) {
    return levels[at] * (double) scale(at);
  }
}
