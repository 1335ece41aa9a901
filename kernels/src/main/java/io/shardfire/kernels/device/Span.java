package io.shardfire.kernels.device;

import java.util.Objects;

/** A contiguous range of floats in an arena: the operand of every operation. */
public record Span(Arena arena, int offset, int length) {
  /** Checks the bounds. */
  public Span {
    Objects.requireNonNull(arena, "arena");
    Objects.checkFromIndexSize(offset, length, arena.size());
  }

  /** A sub-range, with an offset relative to this span. */
  public Span slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    return new Span(arena, offset + from, count);
  }
}
