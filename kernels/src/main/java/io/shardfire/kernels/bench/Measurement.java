package io.shardfire.kernels.bench;

/**
 * One timed operation.
 *
 * @param operation what ran
 * @param shape its sizes
 * @param bestSeconds fastest repetition
 * @param medianSeconds middle repetition
 * @param work floating-point operations or bytes of one repetition
 * @param unit what {@code work} counts
 * @param floorSeconds least time that the ceilings allow: the work at the rate of the ceiling of
 *     its unit, or the exponentials at theirs, whichever takes longer
 */
public record Measurement(
    String operation,
    String shape,
    double bestSeconds,
    double medianSeconds,
    double work,
    Unit unit,
    double floorSeconds) {

  /** What the work of an operation is counted in. */
  public enum Unit {
    /** Floating-point operations; the ceiling is the multiply-add peak. */
    GFLOP,
    /** Bytes read and written once; the ceiling is the bandwidth of a copy. */
    GB,
    /** Exponentials; the ceiling is a loop of them in registers. */
    GEXP
  }

  /**
   * The floor over the fastest repetition; above 1 where operands stay in the caches or, for bytes,
   * where less of them is written than by a copy.
   */
  public double shareOfCeiling() {
    return floorSeconds / bestSeconds;
  }

  /** Work per second of the fastest repetition, in 10^9 units. */
  public double bestRate() {
    return work / bestSeconds / 1e9;
  }

  /** Work per second of the middle repetition, in 10^9 units. */
  public double medianRate() {
    return work / medianSeconds / 1e9;
  }
}
