package io.shardfire.driver.plan;

import io.shardfire.worker.train.TrainingConfiguration;

/**
 * How many ranks share the logical shards.
 *
 * @param ranks N, the world size
 * @param logicalShards V, fixed for the whole run, whatever becomes of its executors
 */
public record RankPlan(int ranks, int logicalShards) {
  /** Checks that the ranks can share the shards. */
  public RankPlan {
    if (!TrainingConfiguration.canShare(logicalShards, ranks)) {
      throw new IllegalArgumentException(
          "The logical shards must be the ranks times a power of two: logicalShards="
              + logicalShards
              + ", ranks="
              + ranks);
    }
  }

  /** The most ranks that find a place in {@code slots} and can share the shards; 0 when none. */
  public int largestWithin(int slots) {
    for (int candidate = Math.min(slots, ranks); candidate >= 1; candidate--) {
      if (TrainingConfiguration.canShare(logicalShards, candidate)) {
        return candidate;
      }
    }
    return 0;
  }
}
