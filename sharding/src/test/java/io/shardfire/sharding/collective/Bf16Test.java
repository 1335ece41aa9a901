package io.shardfire.sharding.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Bf16Test {
  private static final int INFINITY = 0x7f80;

  /** The nearer of the two neighbours, and of two as near the one whose last bit is 0. */
  private static int nearest(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 31 << 15;
    double magnitude = Math.abs((double) value);
    int below = (Float.floatToRawIntBits(value) & 0x7fff_ffff) >>> 16;
    double down = magnitude - number(below);
    double up = number(below + 1) - magnitude;
    boolean rises = up < down || (up == down && below % 2 == 1);
    return sign | (rises ? below + 1 : below);
  }

  /** What a magnitude stands for; that of infinity for the next number there would be, 2^128. */
  private static double number(int magnitude) {
    return magnitude == INFINITY ? 0x1p128 : Float.intBitsToFloat(magnitude << 16);
  }

  private static void assertRoundsToNearest(int bits) {
    float value = Float.intBitsToFloat(bits);
    int rounded = Bf16.round(value) & 0xffff;
    int expected =
        Float.isNaN(value)
            ? bits >>> 16 | 0x40
            : Float.isInfinite(value) ? bits >>> 16 : nearest(value);
    assertEquals(expected, rounded, () -> Integer.toHexString(bits));
  }

  @Test
  void shouldReturnEveryHalf() {
    for (int i = 0; i < 1 << 16; i++) {
      float wide = Bf16.widen((short) i);
      assertEquals(i << 16, Float.floatToRawIntBits(wide));
      boolean nan = (i & 0x7fff) > INFINITY;
      assertEquals(nan, Float.isNaN(wide));
      assertEquals(nan ? i | 0x40 : i, Bf16.round(wide) & 0xffff);
    }
  }

  /** Every exponent with fractions on, beside and between the ties, of both signs. */
  @Test
  void shouldRoundToNearestEven() {
    int[] fractions = {
      0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x10000, 0x17fff, 0x18000, 0x18001, 0x3fffff, 0x400000,
      0x7effff, 0x7f7fff, 0x7f8000, 0x7f8001, 0x7fffff
    };
    for (int high = 0; high < 512; high++) {
      for (int fraction : fractions) {
        assertRoundsToNearest(high << 23 | fraction);
      }
    }
  }

  @Test
  void shouldRoundRandomBits() {
    new SplittableRandom(5).ints(200_000).forEach(Bf16Test::assertRoundsToNearest);
  }

  @Test
  void shouldKeepWhatIsNoNumber() {
    assertEquals(INFINITY, Bf16.round(Float.POSITIVE_INFINITY));
    assertEquals(INFINITY, Bf16.round(Float.MAX_VALUE));
    assertEquals((short) 0xff80, Bf16.round(Float.NEGATIVE_INFINITY));
    assertEquals(0x7fc0, Bf16.round(Float.intBitsToFloat(0x7f80_0001)));
    assertEquals((short) 0xffff, Bf16.round(Float.intBitsToFloat(0xffff_ffff)));
    assertEquals((short) 0x8000, Bf16.round(-0f));
    assertEquals(1, Bf16.round(Float.intBitsToFloat(0x8001)));
    assertEquals(0, Bf16.round(Float.MIN_VALUE));
  }

  @Test
  void shouldRoundARangeInPlaceAndToAnother() {
    float[] values = {9, 1.0000001f, -3.0001f, 9};
    float[] target = new float[4];
    Bf16.round(new FloatRange(values, 1, 2), new FloatRange(target, 2, 2));
    assertArrayEquals(new float[] {0, 0, 1, -3}, target);
    FloatRange range = new FloatRange(values, 1, 2);
    Bf16.round(range, range);
    assertEquals("[9.0, 1.0, -3.0, 9.0]", Arrays.toString(values));
  }
}
