package io.shardfire.kernels.reference;

/** Weights W[n,k] as levels times scales, and their products. */
public final class QuantizedReference {
  /** Weights that share a scale of int4, and numbers of x whose products are added exactly. */
  private static final int GROUP = RoundedRowsReference.GROUP;

  private final int n;
  private final int k;

  /** Weights along k that share a scale. */
  private final int group;

  /** Whether these are all weights of an output: the scale then comes after the sum. */
  private final boolean perOutput;

  /** [n,k]. */
  private final int[] levels;

  /** [n, groups]. */
  private final float[] scales;

  private QuantizedReference(
      int n, int k, int group, boolean perOutput, int[] levels, float[] scales) {
    this.n = n;
    this.k = k;
    this.group = group;
    this.perOutput = perOutput;
    this.levels = levels;
    this.scales = scales;
  }

  /** One scale for all weights of an output, the largest being 127 of it. */
  public static QuantizedReference int8(double[] w, int n, int k) {
    return of(w, n, k, k, 127, -127, false);
  }

  /** A scale for each 32 weights, of which the largest is -8 of it. */
  public static QuantizedReference int4(double[] w, int n, int k) {
    return of(w, n, k, GROUP, 7, -8, true);
  }

  private static QuantizedReference of(
      double[] w, int n, int k, int group, int highest, int lowest, boolean signed) {
    int groups = (k + group - 1) / group;
    int[] levels = new int[n * k];
    float[] scales = new float[n * groups];
    for (int row = 0; row < n; row++) {
      for (int number = 0; number < groups; number++) {
        int from = row * k + number * group;
        int to = Math.min(from + group, (row + 1) * k);
        double largest = 0;
        for (int i = from; i < to; i++) {
          largest = Math.abs(w[i]) > Math.abs(largest) ? w[i] : largest;
        }
        float scale = (float) (signed ? largest / lowest : Math.abs(largest) / highest);
        if (Math.abs(scale) < Float.MIN_NORMAL) {
          continue;
        }
        scales[row * groups + number] = scale;
        for (int i = from; i < to; i++) {
          levels[i] = (int) Math.min(highest, Math.max(lowest, Math.rint(w[i] / scale)));
        }
      }
    }
    return new QuantizedReference(n, k, group, !signed, levels, scales);
  }

  private int groups() {
    return (k + group - 1) / group;
  }

  /** The scale of a weight, by its place in [n,k]. */
  public float scale(int at) {
    return scales[at / k * groups() + at % k / group];
  }

  /** The weights [n,k] that levels and scales stand for. */
  public double[] weights() {
    double[] weights = new double[n * k];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = levels[i] * (double) scale(i);
    }
    return weights;
  }

  /**
   * x[m,k], rounded as products round it, times the transpose of the weights, in double precision.
   */
  public double[] multiply(double[] x, int m) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    RoundedRowsReference rows = new RoundedRowsReference(floats, k);
    double[] w = weights();
    double[] y = new double[m * n];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < k; j++) {
        y[i] += rows.value(i / n * k + j) * w[i % n * k + j];
      }
    }
    return y;
  }

  /**
   * The same to the bit, as the kernels for CPU devices add it: see {@code
   * cpu/matmul/quantized.cl}.
   *
   * @param residual [m,n]
   */
  public float[] multiplyInOrder(float[] x, float[] residual, float[] bias, int m) {
    RoundedRowsReference rows = new RoundedRowsReference(x, k);
    float[] y = new float[m * n];
    for (int i = 0; i < y.length; i++) {
      int output = i % n;
      float total = 0;
      for (int first = 0; first < k; first += GROUP) {
        int input = i / n * k + first;
        int sum = 0;
        for (int j = 0; j < Math.min(GROUP, k - first); j++) {
          sum += rows.level(input + j) * levels[output * k + first + j];
        }
        float scale = perOutput ? rows.scale(input) : rows.scale(input) * scale(output * k + first);
        total = Math.fma((float) sum, scale, total);
      }
      float sum = perOutput ? Math.fma(total, scales[output], residual[i]) : total + residual[i];
      y[i] = sum + bias[output];
    }
    return y;
  }
}
