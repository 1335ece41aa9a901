package io.shardfire.driver.plan;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;

/**
 * A run with everything decided that the configuration leaves open.
 *
 * @param model with the vocabulary of the data
 * @param training with the number of logical shards, so that a restart on fewer ranks keeps it
 * @param sequencesPerEpoch of the training split
 * @param memory of one rank
 * @param heap what holds the memory
 */
public record RunPlan(
    RankPlan ranks,
    ModelConfiguration model,
    TrainingConfiguration training,
    String tokenizer,
    long trainTokens,
    long validationTokens,
    long sequencesPerEpoch,
    MemoryPlan memory,
    RankHeap heap) {

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
        tokenizer,
        trainTokens,
        validationTokens,
        sequencesPerEpoch,
        MemoryPlan.of(model, training, fewer),
        new RankHeap(heap.bytes(), heap.ranks() == 1 ? 1 : fewer, heap.setting()));
  }
}
