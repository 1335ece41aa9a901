/**
 * The training loop of one rank. A step, in the order of the classes that run it:
 *
 * <pre>
 * GradientPass      per logical shard and accumulation pass: load tokens, forward, backward
 *   GradientStack     adds up the rank's logical shards in the fixed tree
 *   GradientReducer   adds up the ranks, a unit at a time while the backward pass goes on
 * StepStatistics    loss and gradient norm, the same bits on every rank and for every world size
 * LossScale         in fp16, what gradients are multiplied by, and whether the step is skipped
 * Optimizer         clips, AdamW, and at stage 1 gathers the parameters
 * </pre>
 *
 * <p>{@link io.shardfire.worker.train.TrainingStep} holds these together, {@link
 * io.shardfire.worker.train.Trainer} repeats them, evaluates, and writes checkpoints.
 */
package io.shardfire.worker.train;
