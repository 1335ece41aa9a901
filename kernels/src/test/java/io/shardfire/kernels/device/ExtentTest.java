package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExtentTest {
  private static final Arena ARENA = new Arena(null, 0, "a", 1000, new float[0], new float[0]);
  private static final Arena OTHER = new Arena(null, 1, "b", 1000, new float[0], new float[0]);

  private static Extent range(int offset, int length) {
    return new Extent(ARENA, offset, 1, length, length);
  }

  @Test
  void shouldTellTouchingRangesFromOverlappingOnes() {
    assertFalse(range(10, 5).overlaps(range(15, 5)));
    assertFalse(range(15, 5).overlaps(range(10, 5)));
    assertTrue(range(10, 6).overlaps(range(15, 5)));
    assertTrue(range(0, 100).overlaps(range(50, 1)));
  }

  @Test
  void shouldKeepArenasApart() {
    assertFalse(range(10, 5).overlaps(new Extent(OTHER, 10, 1, 5, 5)));
  }

  @Test
  void shouldLetColumnBandsOfOneMatrixPassEachOther() {
    Extent left = new Extent(ARENA, 100, 7, 10, 30);
    Extent middle = new Extent(ARENA, 110, 7, 10, 30);
    Extent right = new Extent(ARENA, 120, 7, 10, 30);
    assertFalse(left.overlaps(middle));
    assertFalse(right.overlaps(left));
    assertFalse(left.overlaps(new Extent(ARENA, 110 + 60, 3, 10, 30)));
    assertTrue(left.overlaps(new Extent(ARENA, 109, 7, 10, 30)));
    assertTrue(right.overlaps(new Extent(ARENA, 120 + 30 + 8, 3, 10, 30)));
    assertTrue(right.overlaps(new Extent(ARENA, 109, 7, 12, 30)));
  }

  @Test
  void shouldBeCautiousWithDifferentStrides() {
    Extent matrix = new Extent(ARENA, 100, 7, 10, 30);
    assertTrue(matrix.overlaps(new Extent(ARENA, 112, 7, 10, 31)));
    assertTrue(matrix.overlaps(range(115, 5)));
    assertFalse(matrix.overlaps(range(100 + 6 * 30 + 10, 5)));
  }
}
