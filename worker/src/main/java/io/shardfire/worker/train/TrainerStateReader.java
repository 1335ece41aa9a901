package io.shardfire.worker.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.resume.SettingChange;
import io.shardfire.worker.resume.SettingClasses;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Reads the {@code trainer.json} of a checkpoint, of this format and of the one before. */
final class TrainerStateReader {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private TrainerStateReader() {}

  /**
   * Reads the text.
   *
   * @param model as config.json of the same checkpoint has it
   * @throws CheckpointException when it is not a trainer state, or lacks what a run must be
   *     compared with
   */
  static TrainerState read(String json, ModelConfiguration model) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          TrainerState.NAME
              + " is not JSON; resume from another checkpoint: "
              + e.getOriginalMessage(),
          e);
    }
    int version = root.path("format_version").asInt();
    if (version == FirstTrainerState.FORMAT_VERSION) {
      return FirstTrainerState.read(root, model);
    }
    if (version != TrainerState.FORMAT_VERSION) {
      throw new CheckpointException(
          TrainerState.NAME
              + " has another format; resume with the version that wrote it: format_version="
              + root.path("format_version")
              + ", expected="
              + TrainerState.FORMAT_VERSION
              + " or "
              + FirstTrainerState.FORMAT_VERSION);
    }
    RunSettings settings = settings(required(root, "settings"));
    requireModel(settings, model);
    return new TrainerState(
        required(root, "step").asLong(),
        lossScale(root.get("loss_scale")),
        settings,
        changes(required(root, "changes")));
  }

  /** Of checkpoints of runs that have never scaled a loss there is none. */
  private static LossScale lossScale(JsonNode node) {
    if (node == null) {
      return LossScale.NONE;
    }
    try {
      return new LossScale(
          required(node, "scale").floatValue(),
          required(node, "good_steps").asLong(),
          required(node, "skipped_steps").asLong());
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          TrainerState.NAME + " is damaged; resume from another checkpoint: " + e.getMessage(), e);
    }
  }

  static JsonNode required(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null) {
      throw new CheckpointException(
          TrainerState.NAME + " lacks a member; resume from another checkpoint: member=" + name);
    }
    return value;
  }

  /** A number or a text. */
  static Object value(JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    if (node.isNumber()) {
      return Float.parseFloat(node.decimalValue().toString());
    }
    return node.asText();
  }

  private static RunSettings settings(JsonNode node) {
    Map<String, Object> values = new LinkedHashMap<>(SettingClasses.earlier());
    node.properties().forEach(member -> values.put(member.getKey(), value(member.getValue())));
    EffectiveSettings.complete(values);
    TreeSet<String> missing = new TreeSet<>(SettingClasses.recorded());
    missing.removeAll(values.keySet());
    missing.removeAll(
        EffectiveSettings.unread(
            constant(ScheduleKind.class, values, "training.schedule"),
            constant(OptimizerKind.class, values, "training.optimizer"),
            constant(Precision.class, values, "training.precision"),
            constant(ActivationFormat.class, values, "training.activations"),
            constant(ElementType.class, values, "training.gradientExchange")));
    TreeSet<String> unknown = new TreeSet<>(values.keySet());
    unknown.removeAll(SettingClasses.recorded());
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new CheckpointException(
          TrainerState.NAME
              + " has other settings than this version; resume with the version that wrote it:"
              + " missing="
              + missing
              + ", unknown="
              + unknown);
    }
    return new RunSettings(values);
  }

  private static <E extends Enum<E>> E constant(
      Class<E> type, Map<String, Object> values, String key) {
    String text = values.get(key).toString();
    try {
      return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          TrainerState.NAME
              + " has a value that this version does not know; resume with the version that wrote"
              + " it: "
              + key
              + "="
              + text,
          e);
    }
  }

  private static List<SettingChange> changes(JsonNode array) {
    List<SettingChange> changes = new ArrayList<>();
    for (JsonNode change : array) {
      changes.add(
          new SettingChange(
              required(change, "step").asLong(),
              required(change, "key").asText(),
              value(required(change, "from")),
              value(required(change, "to"))));
    }
    return changes;
  }

  /** The weights were trained as trainer.json says, and other tools read config.json. */
  private static void requireModel(RunSettings settings, ModelConfiguration model) {
    new RunSettings(RunSettings.recorded("model", model.canonical()))
        .values()
        .forEach(
            (key, value) -> {
              if (!value.equals(settings.values().get(key))) {
                throw new CheckpointException(
                    "config.json and trainer.json of a checkpoint describe two models; resume from"
                        + " another checkpoint: "
                        + key
                        + "="
                        + value
                        + " in config.json, "
                        + settings.values().get(key)
                        + " in trainer.json");
              }
            });
  }
}
