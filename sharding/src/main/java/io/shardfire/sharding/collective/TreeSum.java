package io.shardfire.sharding.collective;

import java.util.Objects;

/**
 * The fixed binary tree of every sum: a range of n leaves splits at the largest power of two below
 * n.
 *
 * <pre>
 * n = 7:            +
 *             /           \
 *           +               +
 *         /   \           /   \
 *       +       +       +      6
 *      / \     / \     / \
 *     0   1   2   3   4   5
 * </pre>
 *
 * <p>Aligned groups of 2^j leaves are complete subtrees. Ranks that first sum their own aligned 2^j
 * leaves, and then sum those sums over ranks, therefore get the bits of the sum over all leaves.
 * With any other number of leaves per rank they do not.
 *
 * <p>The range is summed in blocks small enough for all partial sums to stay in the first-level
 * cache. Thread-safe; each calling thread keeps one scratch array of 28 KiB.
 */
public final class TreeSum {
  /** Most leaves of one sum. */
  public static final int MAX_LEAVES = 1 << 14;

  /** Floats per block: a partial sum takes 2 KiB. */
  private static final int BLOCK = 512;

  /** A tree of MAX_LEAVES leaves is 14 deep; one slot per level. */
  private static final int SCRATCH_FLOATS = 14 * BLOCK;

  private static final ThreadLocal<float[]> SCRATCH =
      ThreadLocal.withInitial(() -> new float[SCRATCH_FLOATS]);

  private TreeSum() {}

  /**
   * destination[destinationOffset + i] = tree sum over contributions[c][offsets[c] + i], i below
   * length. destination may be one of the contributions, at that contribution's own offset.
   *
   * @throws IllegalArgumentException when destination overlaps a contribution at another offset
   * @throws IndexOutOfBoundsException when a range lies outside its array
   */
  public static void sum(
      float[][] contributions,
      int[] offsets,
      int length,
      float[] destination,
      int destinationOffset) {
    check(contributions, offsets, length, destination, destinationOffset);
    int leaves = contributions.length;
    if (leaves == 1) {
      System.arraycopy(contributions[0], offsets[0], destination, destinationOffset, length);
      return;
    }
    float[] scratch = SCRATCH.get();
    for (int start = 0; start < length; start += BLOCK) {
      int count = Math.min(BLOCK, length - start);
      int to = destinationOffset + start;
      node(contributions, offsets, 0, leaves, start, count, scratch, 0, destination, to);
    }
  }

  /**
   * Sums leaves [first, first + leaves), at least two, into target. Slots from {@code slot} of the
   * scratch are free; the left subtree's sum waits in the first of them while the right one is
   * computed. The target is written only after every leaf of the block was read, so it may be a
   * leaf.
   */
  private static void node(
      float[][] contributions,
      int[] offsets,
      int first,
      int leaves,
      int start,
      int count,
      float[] scratch,
      int slot,
      float[] target,
      int targetOffset) {
    int left = Integer.highestOneBit(leaves - 1);
    int right = leaves - left;
    float[] leftSum = contributions[first];
    int leftOffset = offsets[first] + start;
    if (left > 1) {
      leftSum = scratch;
      leftOffset = slot * BLOCK;
      node(contributions, offsets, first, left, start, count, scratch, slot, scratch, leftOffset);
    }
    float[] rightSum = contributions[first + left];
    int rightOffset = offsets[first + left] + start;
    if (right > 1) {
      rightSum = scratch;
      rightOffset = (slot + 1) * BLOCK;
      node(
          contributions,
          offsets,
          first + left,
          right,
          start,
          count,
          scratch,
          slot + 1,
          scratch,
          rightOffset);
    }
    add(leftSum, leftOffset, rightSum, rightOffset, target, targetOffset, count);
  }

  /** Kept apart and free of branches, so that the compiler vectorises it. */
  private static void add(
      float[] a, int aOffset, float[] b, int bOffset, float[] sum, int sumOffset, int count) {
    for (int i = 0; i < count; i++) {
      sum[sumOffset + i] = a[aOffset + i] + b[bOffset + i];
    }
  }

  private static void check(
      float[][] contributions, int[] offsets, int length, float[] destination, int offset) {
    if (contributions.length < 1
        || contributions.length > MAX_LEAVES
        || contributions.length != offsets.length) {
      throw new IllegalArgumentException(
          "A sum has 1 to %d contributions, each with an offset: contributions=%d, offsets=%d"
              .formatted(MAX_LEAVES, contributions.length, offsets.length));
    }
    Objects.checkFromIndexSize(offset, length, destination.length);
    for (int c = 0; c < contributions.length; c++) {
      Objects.checkFromIndexSize(offsets[c], length, contributions[c].length);
      int distance = Math.abs(offsets[c] - offset);
      if (contributions[c] == destination && distance != 0 && distance < length) {
        throw new IllegalArgumentException(
            ("The destination overlaps a contribution at another offset: contribution=%d,"
                    + " offset=%d, destinationOffset=%d, length=%d")
                .formatted(c, offsets[c], offset, length));
      }
    }
  }
}
