package io.shardfire.driver.plan;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.Optional;

/**
 * A run with everything decided that the configuration leaves open.
 *
 * @param model with the vocabulary of the data, or with that which it is to get
 * @param training with the number of logical shards, so that a restart on fewer ranks keeps it
 * @param corpus what is known of it; empty where it is yet to be made
 * @param memory of one rank
 * @param heap what holds the memory
 */
public record RunPlan(
    RankPlan ranks,
    ModelConfiguration model,
    TrainingConfiguration training,
    Optional<Corpus> corpus,
    MemoryPlan memory,
    RankHeap heap) {

  /**
   * A corpus as it was prepared.
   *
   * @param sequencesPerEpoch of the training split
   */
  public record Corpus(
      String tokenizer, long trainTokens, long validationTokens, long sequencesPerEpoch) {}

  /**
   * The same run on another number of ranks, which share the same logical shards: each then has
   * more of them, and needs more memory.
   *
   * @throws IllegalArgumentException when they cannot share the shards
   * @throws ComputeException when an arena would be too large
   */
  public RunPlan withRanks(int fewer) {
    return new RunPlan(
        new RankPlan(fewer, ranks.logicalShards()),
        model,
        training,
        corpus,
        MemoryPlan.of(model, training, fewer),
        new RankHeap(heap.bytes(), heap.ranks() == 1 ? 1 : fewer, heap.setting()));
  }
}
