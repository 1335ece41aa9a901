package io.shardfire.sharding.collective;

/**
 * The high half of a float: its sign, its 8 bits of exponent, and the upper 7 of its fraction.
 *
 * <p>Rounding is to nearest, ties to even, among subnormals too, and beyond the largest number to
 * infinity. A NaN stays one: it keeps the high bits of its payload and is made quiet, for without
 * that one whose payload lies in the low bits would become infinity. Widening is exact.
 */
public final class Bf16 {
  private static final int MAGNITUDE = 0x7fff_ffff;
  private static final int INFINITY = 0x7f80_0000;
  private static final int BELOW_HALF = 0x7fff;
  private static final int QUIET = 0x40;

  private Bf16() {}

  /** The nearest 16 bits. */
  public static short round(float value) {
    int bits = Float.floatToRawIntBits(value);
    int high = bits >>> Short.SIZE;
    if ((bits & MAGNITUDE) > INFINITY) {
      return (short) (high | QUIET);
    }
    return (short) ((bits + BELOW_HALF + (high & 1)) >>> Short.SIZE);
  }

  /** The float of 16 bits. */
  public static float widen(short bits) {
    return Float.intBitsToFloat(bits << Short.SIZE);
  }

  /** to = from, rounded and widened again. Both are as long, and apart or the same range. */
  public static void round(FloatRange from, FloatRange to) {
    float[] source = from.array();
    float[] target = to.array();
    for (int i = 0; i < from.length(); i++) {
      target[to.offset() + i] = widen(round(source[from.offset() + i]));
    }
  }
}
