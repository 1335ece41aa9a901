package io.shardfire.kernels.selftest;

/**
 * How one operation compares with its reference.
 *
 * @param name operation and sizes
 * @param maxError largest deviation, relative to the largest magnitude of the tensor; NaN when the
 *     kernel computed a NaN or wrote outside its operands
 * @param tolerance largest deviation that rounding explains
 */
public record CheckResult(String name, double maxError, double tolerance) {
  /** Whether the deviation is within the tolerance. */
  public boolean ok() {
    return maxError <= tolerance;
  }
}
