package io.shardfire.kernels.reference;

/**
 * The dropout masks of {@code dropout/mask.cl}, bit for bit. A mask is a pure function of (key,
 * stream, row, column).
 */
public final class DropoutReference {
  /** Elements of a flat span that share a row of the counter. */
  private static final int FLAT_ROW = 65_536;

  private final float rate;
  private final long key;
  private final int stream;

  /** A mask with the given rate in [0, 1), key and stream. */
  public DropoutReference(float rate, long key, int stream) {
    this.rate = rate;
    this.key = key;
    this.stream = stream;
  }

  /** 1/(1-rate) where the element is kept, else 0. */
  public double factor(long row, int column) {
    int state = mix((int) key ^ 0x9e3779b9);
    state = mix(state + (int) (key >>> 32));
    state = mix(state + stream);
    state = mix(state + (int) row);
    state = mix(state + (int) (row >>> 32));
    int second = mix(state ^ 0x6a09e667);
    int bits = column * 0x9e3779b9 + state;
    bits ^= bits >>> 16;
    bits *= 0x7feb352d;
    bits ^= second;
    bits ^= bits >>> 15;
    bits *= 0x846ca68b;
    bits ^= bits >>> 16;
    int threshold = (int) (long) (rate * 0x1p32);
    return Integer.compareUnsigned(bits, threshold) >= 0 ? 1f / (1f - rate) : 0;
  }

  /** The factor of an element of a flat span. */
  public double factor(long element) {
    return factor(element / FLAT_ROW, (int) (element % FLAT_ROW));
  }

  /** x times its factors. */
  public double[] apply(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] * factor(i);
    }
    return y;
  }

  private static int mix(int word) {
    int x = word;
    x ^= x >>> 16;
    x *= 0x85ebca6b;
    x ^= x >>> 13;
    x *= 0xc2b2ae35;
    x ^= x >>> 16;
    return x;
  }
}
