package io.shardfire.kernels.reference;

/**
 * Matrix products in the order in which the kernels for CPU devices add, to the bit. It is the same
 * for every shape of strips and tiles and for every vector width.
 */
public final class ProductOrder {
  private static final int DEPTH = 384;
  private static final int TN_DEPTH = 192;

  private ProductOrder() {}

  /** NN and NT: {@code k} in blocks of 384. A[m,k], B[k,n]. */
  public static float[] multiply(float[] a, float[] b, int m, int n, int k) {
    return multiply(a, b, m, n, k, DEPTH);
  }

  /** TN: {@code k} in blocks of 192. A, transposed already, is [m,k]; B[k,n]. */
  public static float[] multiplyTn(float[] a, float[] b, int m, int n, int k) {
    return multiply(a, b, m, n, k, TN_DEPTH);
  }

  /** Every block is one chain of fused multiplications and additions; the blocks are added up. */
  private static float[] multiply(float[] a, float[] b, int m, int n, int k, int depth) {
    float[] c = new float[m * n];
    for (int row = 0; row < m; row++) {
      for (int column = 0; column < n; column++) {
        float total = 0;
        for (int block = 0; block < k; block += depth) {
          float sum = 0;
          for (int i = block; i < Math.min(k, block + depth); i++) {
            sum = Math.fma(a[row * k + i], b[i * n + column], sum);
          }
          total = block == 0 ? sum : sum + total;
        }
        c[row * n + column] = total;
      }
    }
    return c;
  }
}
