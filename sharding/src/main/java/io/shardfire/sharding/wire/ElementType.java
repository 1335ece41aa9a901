package io.shardfire.sharding.wire;

/** How one element lies in a payload. The order is the code on the wire; only append. */
public enum ElementType {
  /** IEEE 754 binary32, little-endian. */
  FP32(4);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }
}
