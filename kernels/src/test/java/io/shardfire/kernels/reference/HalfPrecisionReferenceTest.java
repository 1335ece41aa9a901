package io.shardfire.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HalfPrecisionReferenceTest {
  @Test
  void shouldKnowPublishedPatterns() {
    assertEquals(0x3c00, HalfPrecisionReference.FP16.pack(1f));
    assertEquals(0xc000, HalfPrecisionReference.FP16.pack(-2f));
    assertEquals(0x7bff, HalfPrecisionReference.FP16.pack(65_504f));
    assertEquals(0x7bff, HalfPrecisionReference.FP16.pack(65_519.996f));
    assertEquals(0x7c00, HalfPrecisionReference.FP16.pack(65_520f));
    assertEquals(0x0001, HalfPrecisionReference.FP16.pack(0x1p-24f));
    assertEquals(0x0000, HalfPrecisionReference.FP16.pack(0x1p-25f));
    assertEquals(0x3555, HalfPrecisionReference.FP16.pack(1f / 3));
    assertEquals(0x3f80, HalfPrecisionReference.BF16.pack(1f));
    assertEquals(0x4049, HalfPrecisionReference.BF16.pack((float) Math.PI));
    assertEquals(0x7f80, HalfPrecisionReference.BF16.pack(Float.MAX_VALUE));
    assertEquals(0xff80, HalfPrecisionReference.BF16.pack(Float.NEGATIVE_INFINITY));
    assertEquals(0x7fc0, HalfPrecisionReference.BF16.pack(Float.NaN));
  }
}
