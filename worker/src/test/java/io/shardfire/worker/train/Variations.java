package io.shardfire.worker.train;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
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
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Another valid value for every setting of model and training, by key. */
final class Variations {
  static final Map<String, Object> VALUES =
      Map.<String, Object>ofEntries(
          Map.entry("model.layers", 1),
          Map.entry("model.heads", 4),
          Map.entry("model.width", 48),
          Map.entry("model.context", 13),
          Map.entry("model.vocabularySize", 31),
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
          Map.entry("training.microBatch", 3),
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
          Map.entry("training.minimumLearningRate", 5e-3f),
          Map.entry("training.warmupSteps", 4L),
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
          Map.entry("training.recompute", true),
          Map.entry("training.precision", Precision.BF16),
          Map.entry("training.lossScale", 1024f),
          Map.entry("training.lossScaleWindow", 2L),
          Map.entry("training.activations", ActivationFormat.BF16),
          Map.entry("training.parameters", ParameterFormat.BF16),
          Map.entry("training.packedWeights", true),
          Map.entry("training.gradientExchange", ElementType.BF16),
          Map.entry("training.objective", ObjectiveKind.MASKED),
          Map.entry("training.packing", Packing.PADDED),
          Map.entry("training.maskedShare", 0.3f),
          Map.entry("training.meanSpan", 2f),
          Map.entry("training.wholeWords", true),
          Map.entry("training.nextSentence", true));

  /** What a setting needs to have an effect, by key. */
  private static final Map<String, UnaryOperator<ModelBuilder>> NEEDS =
      Map.of(
          "model.cell",
              unused ->
                  ModelConfiguration.decoder(2, 1, 32, 11)
                      .positions(PositionKind.NONE)
                      .vocabularySize(29)
                      .dropout(0.1f),
          "model.encoderLayers", model -> model.kind(Kind.ENCODER_DECODER),
          "model.sourceContext", model -> model.kind(Kind.ENCODER_DECODER),
          "model.sharedEmbeddings", model -> model.kind(Kind.ENCODER_DECODER),
          "model.segments", model -> model.kind(Kind.ENCODER),
          "model.sentenceHead", model -> model.kind(Kind.ENCODER),
          "model.relativeBuckets", model -> model.positions(PositionKind.RELATIVE),
          "model.relativeDistance", model -> model.positions(PositionKind.RELATIVE));

  private Variations() {}

  static ModelConfiguration vary(String key, ModelConfiguration model) {
    return key.startsWith("model.")
        ? with(key, NEEDS.getOrDefault(key, same -> same).apply(model.with()).build())
        : model;
  }

  static TrainingConfiguration vary(String key, TrainingConfiguration training) {
    return key.startsWith("training.") ? with(key, training) : training;
  }

  /** The record with another value of the component that the key names. */
  @SuppressWarnings("unchecked") // getClass() of a record
  private static <R extends Record> R with(String key, R record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        values[i] =
            key.endsWith("." + components[i].getName())
                ? VALUES.get(key)
                : components[i].getAccessor().invoke(record);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return (R) record.getClass().getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
