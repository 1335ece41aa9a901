package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpanTest {
  private final Arena arena = new Arena(null, 0, "weights", 100, new float[0], new float[0]);

  @Test
  void shouldSliceRelativeToItself() {
    assertEquals(arena.span(17, 3), arena.span(10, 20).slice(7, 3));
    assertEquals("weights[17..20)", arena.span(17, 3).toString());
  }

  @Test
  void shouldStayInside() {
    assertEquals(
        "A span reaches outside: offset=90, length=11, of=weights[size=100]",
        assertThrows(IndexOutOfBoundsException.class, () -> arena.span(90, 11)).getMessage());
    assertEquals(
        "A span reaches outside: offset=-1, length=1, of=weights[10..20)",
        assertThrows(IndexOutOfBoundsException.class, () -> arena.span(10, 10).slice(-1, 1))
            .getMessage());
    assertThrows(
        IndexOutOfBoundsException.class, () -> arena.span(50, Integer.MAX_VALUE).toString());
  }
}
