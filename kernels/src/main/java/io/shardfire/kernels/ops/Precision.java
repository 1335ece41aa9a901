package io.shardfire.kernels.ops;

/** To what the operands of a product are rounded. Sums, and what is stored, are fp32 always. */
public enum Precision {
  /** Not at all. */
  FP32,

  /**
   * To bf16, to the nearest and ties to even; numbers below the normal ones, 2<sup>-126</sup>, are
   * zero. On CPU devices every element has the bits of {@code reference.Bf16ProductOrder}, with and
   * without a matrix unit.
   */
  BF16
}
