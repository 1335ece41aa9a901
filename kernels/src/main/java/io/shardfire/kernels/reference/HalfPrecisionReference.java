package io.shardfire.kernels.reference;

/**
 * Floats of 16 bits from their definition: a sign, an exponent and a fraction.
 *
 * @param exponentBits width of the exponent
 * @param fractionBits width of the fraction
 */
public record HalfPrecisionReference(int exponentBits, int fractionBits) {
  /** The high half of a float. */
  public static final HalfPrecisionReference BF16 = new HalfPrecisionReference(8, 7);

  /** IEEE 754 binary16. */
  public static final HalfPrecisionReference FP16 = new HalfPrecisionReference(5, 10);

  private int bias() {
    return (1 << (exponentBits - 1)) - 1;
  }

  private int infinity() {
    return ((1 << exponentBits) - 1) << fractionBits;
  }

  /** The float of the nearest 16 bits. */
  public float round(float value) {
    return Float.intBitsToFloat(unpack(pack(value)));
  }

  /** The nearest 16 bits, ties to even; a NaN keeps the high bits of its payload, made quiet. */
  public int pack(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 31 << 15;
    if (Float.isNaN(value)) {
      int payload = (Float.floatToRawIntBits(value) & 0x7fffff) >> (23 - fractionBits);
      return sign | infinity() | 1 << (fractionBits - 1) | payload;
    }
    double magnitude = Math.abs((double) value);
    if (magnitude == 0) {
      return sign;
    }
    int exponent = Math.max(Math.getExponent(magnitude), 1 - bias());
    // In units of the last place; rint rounds ties to even, and a carry raises the exponent.
    double fraction = Math.rint(Math.scalb(magnitude, fractionBits - exponent));
    double bits = fraction + ((long) (exponent + bias() - 1) << fractionBits);
    return sign | (int) Math.min(bits, infinity());
  }

  /** The float of 16 bits, exactly; NaNs keep their payload. */
  public int unpack(int bits) {
    int sign = bits >>> 15 << 31;
    int magnitude = bits & 0x7fff;
    int fraction = magnitude & ((1 << fractionBits) - 1);
    if (magnitude >= infinity()) {
      return sign | 0x7f800000 | fraction << (23 - fractionBits);
    }
    int exponent = magnitude >> fractionBits;
    double value =
        exponent == 0
            ? Math.scalb((double) fraction, 1 - bias() - fractionBits)
            : Math.scalb(
                (double) (fraction + (1 << fractionBits)), exponent - bias() - fractionBits);
    return sign | Float.floatToRawIntBits((float) value);
  }
}
