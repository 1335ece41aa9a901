package io.shardfire.worker.train;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.resume.SettingClasses;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.Collection;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which settings take effect with a schedule, an optimizer, a precision, a format of activations
 * and one of exchanged gradients. A checkpoint records no others, so that they may change at will.
 */
final class EffectiveSettings {
  private EffectiveSettings() {}

  /** Keys of settings that nothing reads. */
  static Collection<String> unread(
      ScheduleKind schedule,
      OptimizerKind optimizer,
      Precision precision,
      ActivationFormat activations,
      ElementType gradientExchange) {
    TreeSet<String> keys =
        Stream.of(
                Stream.of(ScheduleKind.values()).flatMap(EffectiveSettings::keys),
                Stream.of(OptimizerKind.values()).flatMap(EffectiveSettings::keys),
                Stream.of(Precision.values()).flatMap(EffectiveSettings::keys),
                Stream.of(ActivationFormat.values()).flatMap(EffectiveSettings::keys),
                Stream.of(ElementType.values()).flatMap(EffectiveSettings::keys))
            .flatMap(keysOfKind -> keysOfKind)
            .collect(Collectors.toCollection(TreeSet::new));
    keys(schedule).forEach(keys::remove);
    keys(optimizer).forEach(keys::remove);
    keys(precision).forEach(keys::remove);
    keys(activations).forEach(keys::remove);
    keys(gradientExchange).forEach(keys::remove);
    return keys;
  }

  /**
   * Adds what checkpoints do not record that were written when there was one schedule and one
   * optimizer.
   */
  static void complete(Map<String, Object> recorded) {
    recorded.putIfAbsent("training.schedule", "cosine");
    recorded.putIfAbsent("training.optimizer", "adamw");
  }

  /** What only some schedules read, and this one does. */
  private static Stream<String> keys(ScheduleKind schedule) {
    return switch (schedule) {
      case COSINE, LINEAR -> keys("minimumLearningRate", "decaySteps");
      case CONSTANT -> Stream.of();
      case WSD -> keys("minimumLearningRate", "decaySteps", "decayShape", "decayShare");
    };
  }

  /** What only some optimizers read, and this one does. */
  private static Stream<String> keys(OptimizerKind optimizer) {
    return switch (optimizer) {
      case ADAMW -> keys("beta1", "beta2", "epsilon");
      case LION -> keys("beta1", "beta2");
      case SGD -> keys("momentum", "nesterov");
      case ADAFACTOR -> keys("relativeStep");
    };
  }

  /** What only some precisions read, and this one does. */
  private static Stream<String> keys(Precision precision) {
    return switch (precision) {
      case FP32, BF16 -> Stream.of();
      case FP16 -> keys("lossScale", "lossScaleWindow");
    };
  }

  /** What only some formats of activations read, and this one does. */
  private static Stream<String> keys(ActivationFormat activations) {
    return switch (activations) {
      // What is computed once more from a block's input has the bits of what was kept.
      case FP32 -> Stream.of();
      case BF16 -> keys("recompute");
    };
  }

  /** What only some formats of exchanged gradients read, and this one does. */
  private static Stream<String> keys(ElementType gradientExchange) {
    return switch (gradientExchange) {
      case FP32 -> Stream.of();
      // A rank rounds the sum of its own logical shards.
      case BF16 -> Stream.of(SettingClasses.RANKS);
    };
  }

  private static Stream<String> keys(String... names) {
    return Stream.of(names).map(name -> "training." + name);
  }
}
