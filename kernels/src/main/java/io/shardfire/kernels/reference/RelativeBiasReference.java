package io.shardfire.kernels.reference;

/**
 * A table of numbers per bucket and head, spread over distances: bias[h, x] = table[bucket[x], h].
 */
public final class RelativeBiasReference {
  private RelativeBiasReference() {}

  /** bias[heads, distances]. */
  public static double[] forward(int[] buckets, double[] table, int heads) {
    double[] bias = new double[heads * buckets.length];
    for (int h = 0; h < heads; h++) {
      for (int x = 0; x < buckets.length; x++) {
        bias[h * buckets.length + x] = table[buckets[x] * heads + h];
      }
    }
    return bias;
  }

  /** Adds the gradient of dbias[batch, heads, distances] to dtable[count, heads]. */
  public static void backward(int[] buckets, double[] dbias, double[] dtable, int heads) {
    for (int i = 0; i < dbias.length; i++) {
      int x = i % buckets.length;
      int h = i / buckets.length % heads;
      dtable[buckets[x] * heads + h] += dbias[i];
    }
  }
}
