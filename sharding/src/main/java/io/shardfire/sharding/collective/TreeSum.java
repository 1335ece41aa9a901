package io.shardfire.sharding.collective;

/**
 * The fixed binary tree of every sum: a range of n leaves splits at the largest power of two below
 * n.
 */
public final class TreeSum {
  private TreeSum() {}

  /**
   * destination[i] = tree sum over contributions[c][offsets[c] + i], i below length. destination
   * may be one of them.
   */
  public static void sum(
      float[][] contributions,
      int[] offsets,
      int length,
      float[] destination,
      int destinationOffset) {
    throw new UnsupportedOperationException("skeleton");
  }
}
