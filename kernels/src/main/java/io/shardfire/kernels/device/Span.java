package io.shardfire.kernels.device;

import java.util.Arrays;
import java.util.Objects;

/** A contiguous range of floats in an arena: the operand of every operation. */
public record Span(Arena arena, int offset, int length) {
  /**
   * Checks the bounds.
   *
   * @throws IndexOutOfBoundsException naming the arena and the range
   */
  public Span {
    Objects.requireNonNull(arena, "arena");
    requireInside(offset, length, arena.size(), arena);
  }

  /** A sub-range, with an offset relative to this span. */
  public Span slice(int from, int count) {
    requireInside(from, count, length, this);
    return new Span(arena, offset + from, count);
  }

  /** What the host's array holds at an index of this range. */
  public float get(int index) {
    return arena.array()[offset + Objects.checkIndex(index, length)];
  }

  /** Writes to an index of this range of the host's array. */
  public void set(int index, float value) {
    arena.array()[offset + Objects.checkIndex(index, length)] = value;
  }

  /** Writes to the indices {@code from} to before {@code end} of this range of the host's array. */
  public void fill(int from, int end, float value) {
    Objects.checkFromToIndex(from, end, length);
    Arrays.fill(arena.array(), offset + from, offset + end, value);
  }

  /**
   * Shows the device what the host wrote to this range of {@link Arena#array()}. Costs nothing
   * where host and device share memory.
   */
  public void upload() {
    arena.memory().upload(this);
  }

  /**
   * Brings what the device wrote to this range into {@link Arena#array()}. Costs nothing where host
   * and device share memory.
   *
   * @throws ComputeException when the device did not run every command so far
   */
  public void download() {
    arena.memory().download(this);
  }

  private static void requireInside(int offset, int length, int size, Object whole) {
    if (offset < 0 || length < 0 || length > size - offset) {
      throw new IndexOutOfBoundsException(
          "A span reaches outside: offset=" + offset + ", length=" + length + ", of=" + whole);
    }
  }

  @Override
  public String toString() {
    return arena.name() + "[" + offset + ".." + ((long) offset + length) + ")";
  }
}
