package io.shardfire.driver.plan;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.train.TrainingConfiguration.DecayShape;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.Map;

/** Another valid value of every setting than a plain run of the tests has. */
final class OtherValues {
  /** By the path of the setting. */
  static final Map<String, Object> BY_KEY =
      Map.<String, Object>ofEntries(
          Map.entry("model.layers", 2),
          Map.entry("model.heads", 1),
          Map.entry("model.width", 32),
          Map.entry("model.context", 9),
          Map.entry("model.vocabularySize", 103),
          Map.entry("model.normEpsilon", 1e-6f),
          Map.entry("model.keyValueHeads", 1),
          Map.entry("model.feedForwardWidth", 48),
          Map.entry("model.norm", NormKind.RMS),
          Map.entry("model.activation", Function.RELU),
          Map.entry("model.gated", true),
          Map.entry("model.positions", PositionKind.ALIBI),
          Map.entry("model.ropeBase", 500f),
          Map.entry("model.window", 5),
          Map.entry("model.biases", false),
          Map.entry("model.tiedEmbeddings", false),
          Map.entry("model.kind", Kind.ENCODER),
          Map.entry("model.cell", CellKind.GRU),
          Map.entry("model.encoderLayers", 3),
          Map.entry("model.headWidth", 10),
          Map.entry("model.sourceContext", 5),
          Map.entry("model.normPlacement", NormPlacement.POST),
          Map.entry("model.relativeBuckets", 8),
          Map.entry("model.relativeDistance", 64),
          Map.entry("model.scaledAttention", false),
          Map.entry("model.sharedEmbeddings", false),
          Map.entry("model.scaledEmbeddings", true),
          Map.entry("model.embeddingNorm", true),
          Map.entry("model.segments", 2),
          Map.entry("model.head", HeadKind.SCALED),
          Map.entry("model.sentenceHead", true),
          Map.entry("model.dropout", 0.3f),
          Map.entry("training.microBatch", 4),
          Map.entry("training.accumulation", 2),
          Map.entry("training.logicalShards", 4),
          Map.entry("training.seed", 9L),
          Map.entry("training.schedule", ScheduleKind.LINEAR),
          Map.entry("training.decayShape", DecayShape.SQRT),
          Map.entry("training.decayShare", 0.2f),
          Map.entry("training.optimizer", OptimizerKind.LION),
          Map.entry("training.momentum", 0.8f),
          Map.entry("training.nesterov", true),
          Map.entry("training.relativeStep", true),
          Map.entry("training.learningRate", 2e-2f),
          Map.entry("training.minimumLearningRate", 1e-4f),
          Map.entry("training.warmupSteps", 2L),
          Map.entry("training.decaySteps", 9L),
          Map.entry("training.beta1", 0.8f),
          Map.entry("training.beta2", 0.99f),
          Map.entry("training.epsilon", 1e-4f),
          Map.entry("training.weightDecay", 0.3f),
          Map.entry("training.clipNorm", 0.1f),
          Map.entry("training.steps", 7L),
          Map.entry("training.zeroStage", 0),
          Map.entry("training.evaluateEvery", 1L),
          Map.entry("training.evaluationBatches", 5),
          Map.entry("training.checkpointEvery", 1L),
          Map.entry("training.keepCheckpoints", 1),
          Map.entry("training.packedWeights", true),
          Map.entry("training.recompute", true),
          Map.entry("training.precision", Precision.BF16),
          Map.entry("training.lossScale", 1024f),
          Map.entry("training.lossScaleWindow", 2L),
          Map.entry("training.activations", ActivationFormat.BF16),
          Map.entry("training.parameters", ParameterFormat.BF16),
          Map.entry("training.gradientExchange", ElementType.BF16),
          Map.entry("training.objective", ObjectiveKind.MASKED),
          Map.entry("training.packing", Packing.PADDED),
          Map.entry("training.maskedShare", 0.3f),
          Map.entry("training.meanSpan", 2f),
          Map.entry("training.wholeWords", true),
          Map.entry("training.nextSentence", true),
          Map.entry("cluster.ranks", 1),
          Map.entry("cluster.networkTimeoutSeconds", 11),
          Map.entry("cluster.startTimeoutSeconds", 11),
          Map.entry("cluster.stopGraceSeconds", 6),
          Map.entry("cluster.chunkBytes", 4096),
          Map.entry("cluster.sharedMemory", false),
          Map.entry("cluster.ports", "7100-7131"),
          Map.entry("recovery.maxRestarts", 1),
          Map.entry("recovery.allowFewerRanks", true),
          Map.entry("recovery.replacementTimeoutSeconds", 1),
          Map.entry("from", "gone"),
          Map.entry("device", "cpu"));

  /** What a setting needs to have an effect: values of others of the model, by name. */
  static final Map<String, Map<String, Object>> NEEDS =
      Map.of(
          "model.cell",
              Map.of(
                  "heads",
                  1,
                  "positions",
                  PositionKind.NONE,
                  "activation",
                  Function.GELU_TANH,
                  "feedForwardWidth",
                  0),
          "model.encoderLayers", Map.of("kind", Kind.ENCODER_DECODER),
          "model.sourceContext", Map.of("kind", Kind.ENCODER_DECODER),
          "model.sharedEmbeddings", Map.of("kind", Kind.ENCODER_DECODER),
          "model.segments", Map.of("kind", Kind.ENCODER),
          "model.sentenceHead", Map.of("kind", Kind.ENCODER),
          "model.relativeBuckets", Map.of("positions", PositionKind.RELATIVE),
          "model.relativeDistance", Map.of("positions", PositionKind.RELATIVE));

  private OtherValues() {}
}
