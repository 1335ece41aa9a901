package io.shardfire.worker.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.resume.SettingClasses;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The first format of {@code trainer.json}: members for the batch, the data and the schedule, and
 * the whole configuration as YAML, in which the settings of the optimizer are looked up. It knows
 * no checksums of the corpus, so these are not compared.
 */
final class FirstTrainerState {
  static final int FORMAT_VERSION = 1;

  private static final List<String> OPTIMIZER =
      List.of("beta1", "beta2", "epsilon", "weightDecay", "clipNorm");

  private FirstTrainerState() {}

  static TrainerState read(JsonNode root, ModelConfiguration model) {
    Map<String, Object> values = new LinkedHashMap<>(SettingClasses.earlier());
    values.putAll(RunSettings.recorded("model", model.canonical()));
    copy(root, "logical_shards", values, "training.logicalShards");
    copy(root, "accumulation", values, "training.accumulation");
    copy(root, "micro_batch", values, "training.microBatch");
    copy(root, "seed", values, "training.seed");
    JsonNode schedule = TrainerStateReader.required(root, "schedule");
    copy(schedule, "learning_rate", values, "training.learningRate");
    copy(schedule, "minimum_learning_rate", values, "training.minimumLearningRate");
    copy(schedule, "warmup_steps", values, "training.warmupSteps");
    copy(schedule, "decay_steps", values, "training.decaySteps");
    JsonNode data = TrainerStateReader.required(root, "data");
    copy(data, "vocabulary_hash", values, "corpus.vocabularyHash");
    copy(data, "train_tokens", values, "corpus.trainTokens");
    copy(data, "validation_tokens", values, "corpus.validationTokens");
    String yaml = TrainerStateReader.required(root, "configuration").asText();
    for (String name : OPTIMIZER) {
      values.put("training." + name, number(yaml, name));
    }
    EffectiveSettings.complete(values);
    return new TrainerState(
        TrainerStateReader.required(root, "step").asLong(),
        LossScale.NONE,
        new RunSettings(values),
        List.of());
  }

  private static void copy(JsonNode from, String name, Map<String, Object> values, String key) {
    values.put(key, TrainerStateReader.value(TrainerStateReader.required(from, name)));
  }

  /** A line of the section {@code training}, as the configuration was printed. */
  private static float number(String yaml, String name) {
    Optional<String> line =
        yaml.lines()
            .dropWhile(l -> !l.equals("training:"))
            .skip(1)
            .takeWhile(l -> l.startsWith("  "))
            .filter(l -> l.startsWith("  " + name + ": "))
            .findFirst();
    try {
      return Float.parseFloat(line.orElse("").replaceFirst("[^:]*:", "").strip());
    } catch (NumberFormatException e) {
      throw new CheckpointException(
          TrainerState.NAME
              + " does not tell a setting that the run must be compared with; resume with the"
              + " version that wrote it: setting=training."
              + name
              + ", format_version="
              + FORMAT_VERSION,
          e);
    }
  }
}
