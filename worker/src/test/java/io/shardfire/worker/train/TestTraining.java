package io.shardfire.worker.train;

import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.train.TrainingConfiguration.DecayShape;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;

/** A valid training configuration to vary. */
final class TestTraining {
  long steps = 6;
  int microBatch = 2;
  int accumulation = 1;
  int logicalShards = 2;
  int zeroStage = 1;
  long seed = 1;
  ScheduleKind schedule = ScheduleKind.COSINE;
  float learningRate = 1e-2f;
  float minimumLearningRate = 1e-3f;
  long warmupSteps = 2;
  long decaySteps = 6;
  DecayShape decayShape = DecayShape.LINEAR;
  float decayShare = 0.25f;
  OptimizerKind optimizer = OptimizerKind.ADAMW;
  float momentum = 0.9f;
  boolean nesterov;
  boolean relativeStep;
  float weightDecay = 0.1f;
  float clipNorm = 0.5f;
  long evaluateEvery = 2;
  int evaluationBatches = 3;
  long checkpointEvery;
  int keepCheckpoints = 3;
  boolean recompute;
  ObjectiveKind objective = ObjectiveKind.AUTO;
  Packing packing = Packing.AUTO;
  float maskedShare = 0.15f;
  float meanSpan = 3;
  boolean wholeWords;
  boolean nextSentence;

  TrainingConfiguration build() {
    return new TrainingConfiguration(
        steps,
        microBatch,
        accumulation,
        logicalShards,
        zeroStage,
        seed,
        schedule,
        learningRate,
        minimumLearningRate,
        warmupSteps,
        decaySteps,
        decayShape,
        decayShare,
        optimizer,
        0.9f,
        0.95f,
        1e-8f,
        momentum,
        nesterov,
        relativeStep,
        weightDecay,
        clipNorm,
        evaluateEvery,
        evaluationBatches,
        checkpointEvery,
        keepCheckpoints,
        recompute,
        objective,
        packing,
        maskedShare,
        meanSpan,
        wholeWords,
        nextSentence);
  }
}
