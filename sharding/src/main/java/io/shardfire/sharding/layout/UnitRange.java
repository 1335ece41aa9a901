package io.shardfire.sharding.layout;

/** Floats {@code [offset, offset + length)} of a unit, counted from where the unit starts. */
public record UnitRange(int unit, int offset, int length) {
  /** One past the last float. */
  public int end() {
    return offset + length;
  }
}
