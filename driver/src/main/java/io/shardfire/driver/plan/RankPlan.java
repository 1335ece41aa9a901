package io.shardfire.driver.plan;

/**
 * How many ranks share the logical shards.
 *
 * <p>Gradients are summed over the V logical shards in one fixed binary tree. With N ranks each
 * sums V/N of them before the ranks sum theirs, and that is the same tree only if V/N is a power of
 * two (or N is 1).
 *
 * @param ranks N, the world size
 * @param logicalShards V, fixed for the whole run, whatever becomes of its executors
 */
public record RankPlan(int ranks, int logicalShards) {
  /** Checks that the ranks can share the shards. */
  public RankPlan {
    if (!fits(logicalShards, ranks)) {
      throw new IllegalArgumentException(
          "The logical shards must be the ranks times a power of two: logicalShards="
              + logicalShards
              + ", ranks="
              + ranks);
    }
  }

  /** Whether {@code ranks} ranks can share {@code logicalShards} shards. */
  public static boolean fits(int logicalShards, int ranks) {
    if (ranks < 1 || logicalShards < 1 || logicalShards % ranks != 0) {
      return false;
    }
    return ranks == 1 || Integer.bitCount(logicalShards / ranks) == 1;
  }

  /** The most ranks that find a place in {@code slots} and can share the shards; 0 when none. */
  public int largestWithin(int slots) {
    for (int candidate = Math.min(slots, ranks); candidate >= 1; candidate--) {
      if (fits(logicalShards, candidate)) {
        return candidate;
      }
    }
    return 0;
  }
}
