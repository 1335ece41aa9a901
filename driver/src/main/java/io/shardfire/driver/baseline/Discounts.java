package io.shardfire.driver.baseline;

import java.io.Serializable;

/**
 * What modified Kneser-Ney smoothing takes off counts of 1, of 2, and of 3 and more (Chen and
 * Goodman, 1999, equation 26).
 */
record Discounts(double one, double two, double more) implements Serializable {
  /** Where too few n-grams are rare to estimate them, as with characters. */
  static final Discounts FALLBACK = new Discounts(0.5, 1, 1.5);

  /**
   * Estimates them.
   *
   * @param n1 n-grams that occur once; n2, n3 and n4 alike
   */
  static Discounts of(long n1, long n2, long n3, long n4) {
    if (n1 == 0 || n2 == 0 || n3 == 0) {
      return FALLBACK;
    }
    double y = ratio(n1, n1 + 2 * n2);
    Discounts found =
        new Discounts(
            1 - 2 * y * ratio(n2, n1), 2 - 3 * y * ratio(n3, n2), 3 - 4 * y * ratio(n4, n3));
    return found.one >= 0 && found.two >= 0 && found.more >= 0 ? found : FALLBACK;
  }

  private static double ratio(long a, long b) {
    return (double) a / (double) b;
  }
}
