package io.shardfire.worker.train;

import java.io.Serializable;

/**
 * How a model is trained. The global batch is logicalShards * accumulation * microBatch sequences
 * per step.
 *
 * @param microBatch sequences per forward and backward pass
 * @param accumulation passes per logical shard and step
 * @param logicalShards V: equal parts of the global batch, summed in a fixed tree; 0 means one per
 *     rank
 * @param zeroStage 0 or 1
 * @param decaySteps step at which the cosine reaches minimumLearningRate; 0 means steps
 * @param clipNorm largest global gradient norm; 0 means no clipping
 * @param evaluateEvery steps between validations; 0 means only at the end
 * @param evaluationBatches fixed validation batches of microBatch sequences
 * @param checkpointEvery steps between checkpoints; 0 means only at the end
 * @param keepCheckpoints committed checkpoints kept
 */
public record TrainingConfiguration(
    long steps,
    int microBatch,
    int accumulation,
    int logicalShards,
    int zeroStage,
    long seed,
    float learningRate,
    float minimumLearningRate,
    long warmupSteps,
    long decaySteps,
    float beta1,
    float beta2,
    float epsilon,
    float weightDecay,
    float clipNorm,
    long evaluateEvery,
    int evaluationBatches,
    long checkpointEvery,
    int keepCheckpoints)
    implements Serializable {}
