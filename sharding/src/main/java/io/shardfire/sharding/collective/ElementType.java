package io.shardfire.sharding.collective;

/** How one element of a collective lies in a payload. */
public enum ElementType {
  /** IEEE 754 binary32, little-endian. */
  FP32(0, Float.BYTES),
  /** The high half of a binary32, rounded to it ({@link Bf16}), little-endian. */
  BF16(1, Short.BYTES);

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
