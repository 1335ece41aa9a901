package io.shardfire.driver.plan;

import io.shardfire.worker.train.TrainingConfiguration;

/** Fixes V, which a configuration may leave to the number of ranks. */
final class LogicalShards {
  private LogicalShards() {}

  static TrainingConfiguration set(TrainingConfiguration training, int logicalShards) {
    return new TrainingConfiguration(
        training.steps(),
        training.microBatch(),
        training.accumulation(),
        logicalShards,
        training.zeroStage(),
        training.seed(),
        training.learningRate(),
        training.minimumLearningRate(),
        training.warmupSteps(),
        training.decaySteps(),
        training.beta1(),
        training.beta2(),
        training.epsilon(),
        training.weightDecay(),
        training.clipNorm(),
        training.evaluateEvery(),
        training.evaluationBatches(),
        training.checkpointEvery(),
        training.keepCheckpoints());
  }
}
