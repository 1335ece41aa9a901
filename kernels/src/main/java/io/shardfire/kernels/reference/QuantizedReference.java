package io.shardfire.kernels.reference;

/** Weights W[n,k] as levels times scales, and their products. */
public final class QuantizedReference {
  private static final int CHAINS = 4;
  private static final int INT4_GROUP = 32;

  private final int n;
  private final int k;

  /** Weights along k that share a scale. */
  private final int group;

  /** [n,k]. */
  private final int[] levels;

  /** [n, groups]. */
  private final float[] scales;

  private QuantizedReference(int n, int k, int group, int[] levels, float[] scales) {
    this.n = n;
    this.k = k;
    this.group = group;
    this.levels = levels;
    this.scales = scales;
  }

  /** One scale for all weights of an output, the largest being 127 of it. */
  public static QuantizedReference int8(double[] w, int n, int k) {
    return of(w, n, k, k, 127, -127, false);
  }

  /** A scale for each 32 weights, of which the largest is -8 of it. */
  public static QuantizedReference int4(double[] w, int n, int k) {
    return of(w, n, k, INT4_GROUP, 7, -8, true);
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
    return new QuantizedReference(n, k, group, levels, scales);
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

  /** x[m,k] times the transpose of the weights, in double precision. */
  public double[] multiply(double[] x, int m) {
    double[] w = weights();
    double[] y = new double[m * n];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < k; j++) {
        y[i] += x[i / n * k + j] * w[i % n * k + j];
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
    float[] y = new float[m * n];
    for (int i = 0; i < y.length; i++) {
      float sum =
          group == k
              ? perOutput(x, i / n * k, i % n, residual[i])
              : perGroup(x, i / n * k, i % n) + residual[i];
      y[i] = sum + bias[i % n];
    }
    return y;
  }

  private float perOutput(float[] x, int input, int output, float residual) {
    float[] chains = new float[CHAINS];
    for (int j = 0; j < k; j++) {
      chains[j % CHAINS] = Math.fma(x[input + j], levels[output * k + j], chains[j % CHAINS]);
    }
    return Math.fma(joined(chains), scales[output], residual);
  }

  private float perGroup(float[] x, int input, int output) {
    float total = 0;
    for (int first = 0; first < k; first += group) {
      float[] chains = new float[CHAINS];
      for (int j = first; j < Math.min(k, first + group); j++) {
        int chain = (j - first) / (group / CHAINS);
        chains[chain] = Math.fma(x[input + j], levels[output * k + j], chains[chain]);
      }
      total = Math.fma(joined(chains), scale(output * k + first), total);
    }
    return total;
  }

  private static float joined(float... chains) {
    return (chains[0] + chains[1]) + (chains[2] + chains[3]);
  }
}
