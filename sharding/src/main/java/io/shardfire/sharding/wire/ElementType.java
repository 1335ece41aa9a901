package io.shardfire.sharding.wire;

/** How one element lies in a payload. */
public enum ElementType {
  /** IEEE 754 binary32, little-endian. */
  FP32(0, 4);

  private final int code;
  private final int bytes;

  ElementType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The number that stands for the type on the wire; never given to another. */
  public int code() {
    return code;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }
}
