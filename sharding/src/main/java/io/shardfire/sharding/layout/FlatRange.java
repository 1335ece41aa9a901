package io.shardfire.sharding.layout;

/** Floats {@code [offset, offset + length)} of the flat parameter array. */
public record FlatRange(int offset, int length) {
  /** One past the last float. */
  public int end() {
    return offset + length;
  }
}
