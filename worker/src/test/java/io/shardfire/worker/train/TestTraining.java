package io.shardfire.worker.train;

/** A valid training configuration to vary. */
final class TestTraining {
  private TestTraining() {}

  /** Six steps on two logical shards, validated every second one. */
  static TrainingBuilder usual() {
    return TrainingConfiguration.standard()
        .steps(6)
        .microBatch(2)
        .logicalShards(2)
        .seed(1)
        .learningRate(1e-2f)
        .minimumLearningRate(1e-3f)
        .warmupSteps(2)
        .decaySteps(6)
        .decayShare(0.25f)
        .clipNorm(0.5f)
        .evaluateEvery(2)
        .evaluationBatches(3)
        .checkpointEvery(0)
        .keepCheckpoints(3);
  }
}
