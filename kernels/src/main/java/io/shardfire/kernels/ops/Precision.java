package io.shardfire.kernels.ops;

/** To what the operands of a product are rounded. Sums, and what is stored, are fp32 always. */
public enum Precision {
  /** Not at all. */
  FP32(0),

  /**
   * To bf16, to the nearest and ties to even; numbers below the normal ones, 2<sup>-126</sup>, are
   * zero. On CPU devices every element has the bits of {@code reference.Bf16ProductOrder}, by
   * whichever {@link io.shardfire.kernels.device.ProductUnit}.
   */
  BF16(1),

  /**
   * To IEEE 754 binary16, to the nearest and ties to even: 11 bits, in steps of 2<sup>-24</sup>
   * below 2<sup>-14</sup>, and infinite from 65520 on. The bits of an element are those of FP32 for
   * the rounded operands.
   */
  FP16(2);

  private final int rounding;

  Precision(int rounding) {
    this.rounding = rounding;
  }

  /** {@code ROUND_TO_…} in the kernels. */
  int rounding() {
    return rounding;
  }
}
