package io.shardfire.worker.train;

/** A valid training configuration to vary. */
final class TestTraining {
  long steps = 6;
  int microBatch = 2;
  int accumulation = 1;
  int logicalShards = 2;
  int zeroStage = 1;
  long seed = 1;
  float learningRate = 1e-2f;
  float minimumLearningRate = 1e-3f;
  long warmupSteps = 2;
  long decaySteps = 6;
  float weightDecay = 0.1f;
  float clipNorm = 0.5f;
  long evaluateEvery = 2;
  int evaluationBatches = 3;
  long checkpointEvery;
  int keepCheckpoints = 3;
  boolean recompute;

  TrainingConfiguration build() {
    return new TrainingConfiguration(
        steps,
        microBatch,
        accumulation,
        logicalShards,
        zeroStage,
        seed,
        learningRate,
        minimumLearningRate,
        warmupSteps,
        decaySteps,
        0.9f,
        0.95f,
        1e-8f,
        weightDecay,
        clipNorm,
        evaluateEvery,
        evaluationBatches,
        checkpointEvery,
        keepCheckpoints,
        recompute);
  }
}
