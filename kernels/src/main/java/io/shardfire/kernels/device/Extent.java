package io.shardfire.kernels.device;

/**
 * Floats of an arena that a command touches: {@code rows} runs of {@code columns} floats, {@code
 * stride} apart.
 *
 * <pre>
 *   offset
 *   |columns|........|columns|........|columns|
 *   |---- stride ----|
 * </pre>
 */
record Extent(Arena arena, long offset, long rows, long columns, long stride) {

  static Extent of(Span span) {
    return new Extent(span.arena(), span.offset(), 1, span.length(), span.length());
  }

  /** How many floats. */
  long floats() {
    return rows * columns;
  }

  /** One past the last float. */
  long end() {
    return offset + (rows - 1) * stride + columns;
  }

  /** Whether the two can share a float; true when in doubt. */
  boolean overlaps(Extent other) {
    if (arena != other.arena || end() <= other.offset || other.end() <= offset) {
      return false;
    }
    if (stride != other.stride || rows == 1 || other.rows == 1) {
      return true;
    }
    // Equal strides: both are column bands of one matrix, and may pass each other by.
    long shift = Math.floorMod(other.offset - offset, stride);
    return shift < columns || stride - shift < other.columns;
  }
}
