package io.shardfire.worker.train;

/**
 * How the global batch of a step is cut.
 *
 * <pre>
 * global batch = V logical shards, V/N contiguous ones per rank
 * shard        = accumulation passes        (gradients added up in order)
 * pass         = microBatch sequences of context tokens
 * </pre>
 */
record BatchShape(int worldSize, int logicalShards, int accumulation, int microBatch, int context) {

  /**
   * The shape for {@code worldSize} ranks.
   *
   * @throws IllegalArgumentException when the ranks cannot share the logical shards so that sums
   *     are taken in the same tree as on one rank
   */
  static BatchShape of(TrainingConfiguration training, int context, int worldSize) {
    int shards = training.logicalShards() == 0 ? worldSize : training.logicalShards();
    if (!TrainingConfiguration.canShare(shards, worldSize)) {
      throw new IllegalArgumentException(
          "Every rank needs the same number of logical shards, a power of two; set"
              + " training.logicalShards to worldSize times a power of two, or 0 for one per rank:"
              + " logicalShards="
              + shards
              + ", worldSize="
              + worldSize);
    }
    return new BatchShape(
        worldSize, shards, training.accumulation(), training.microBatch(), context);
  }

  int shardsPerRank() {
    return logicalShards / worldSize;
  }

  /** Passes of one rank. */
  int passesPerStep() {
    return shardsPerRank() * accumulation;
  }

  int firstShard(int rank) {
    return rank * shardsPerRank();
  }

  /** Rows of one pass. */
  int rowsPerPass() {
    return microBatch * context;
  }

  long sequencesPerStep() {
    return (long) logicalShards * accumulation * microBatch;
  }

  long tokensPerStep() {
    return sequencesPerStep() * context;
  }

  /** Number of the first sequence of a pass, counted over the whole run. */
  long firstSequence(long completedSteps, int shard, int pass) {
    return completedSteps * sequencesPerStep() + ((long) shard * accumulation + pass) * microBatch;
  }
}
