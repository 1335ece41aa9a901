package io.shardfire.kernels.reference;

/**
 * Matrix products of operands in bf16 with sums in fp32, to the bit: the order in which the matrix
 * unit of x86 processors (AMX, TDPBF16PS) adds, and all kernels for CPU devices.
 *
 * <pre>
 *   per 32 k, which zeros fill up:  even = fma chain over k = 0, 2 … 30 from 0
 *                                   odd  = fma chain over k = 1, 3 … 31 from 0
 *                                   c    = c + (even + odd)
 * </pre>
 *
 * Results that stay below the normal numbers once they are rounded to 24 bits become zeros, as do
 * operands before they are rounded to bf16.
 */
public final class Bf16ProductOrder {
  private static final int DEPTH = 32;

  /** What brings products near the smallest normal number into the middle of the range. */
  private static final float SCALE = 0x1p64f;

  private Bf16ProductOrder() {}

  /** The nearest bf16, as a float; zero for a value below the normal numbers. */
  public static float round(float value) {
    return HalfPrecisionReference.BF16.round(flush(value));
  }

  /** C = old C + A B, where {@code c} may be null for zeros. A[m,k], B[k,n] of any floats. */
  public static float[] multiply(float[] a, float[] b, float[] c, int m, int n, int k) {
    float[] left = rounded(a);
    float[] right = rounded(b);
    float[] result = new float[m * n];
    for (int row = 0; row < m; row++) {
      for (int column = 0; column < n; column++) {
        float sum = c == null ? 0 : flush(c[row * n + column]);
        for (int block = 0; block < k; block += DEPTH) {
          float even = 0;
          float odd = 0;
          for (int i = block; i < block + DEPTH; i += 2) {
            even = i < k ? fma(left[row * k + i], right[i * n + column], even) : fma(0, 0, even);
            odd =
                i + 1 < k
                    ? fma(left[row * k + i + 1], right[(i + 1) * n + column], odd)
                    : fma(0, 0, odd);
          }
          sum = flush(sum + flush(even + odd));
        }
        result[row * n + column] = sum;
      }
    }
    return result;
  }

  private static float[] rounded(float[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = round(values[i]);
    }
    return result;
  }

  private static float flush(float value) {
    return Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0f, value) : value;
  }

  /** A result is flushed when it is too small with the range of exponents unbounded. */
  private static float fma(float a, float b, float c) {
    float result = Math.fma(a, b, c);
    if (Math.abs(result) != Float.MIN_NORMAL) {
      return flush(result);
    }
    // Rounded up to the smallest normal number from below, perhaps: look where there are more bits.
    boolean scaleA = Math.abs(a) < Math.abs(b);
    float scaled = Math.fma(scaleA ? a * SCALE : a, scaleA ? b : b * SCALE, c * SCALE);
    return Math.abs(scaled) < Float.MIN_NORMAL * SCALE ? Math.copySign(0f, result) : result;
  }
}
