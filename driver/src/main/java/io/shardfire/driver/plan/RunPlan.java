package io.shardfire.driver.plan;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;

/**
 * A run with everything decided that the configuration leaves open.
 *
 * @param model with the vocabulary of the data
 * @param training with the number of logical shards, so that a restart on fewer ranks keeps it
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
    MemoryPlan memory,
    RankHeap heap) {}
