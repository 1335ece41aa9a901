package io.shardfire.worker.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.resume.SettingChange;
import io.shardfire.worker.resume.SettingClasses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code trainer.json} of a checkpoint: where the run stands, and the settings that a run must
 * have in common with it to continue bit for bit.
 *
 * <pre>
 * {
 *   "format_version": 2,
 *   "step": 20, "tokens": 4440,
 *   "loss_scale": { "scale": 32768.0, "good_steps": 12, "skipped_steps": 1 },
 *   "settings": { "model.layers": 2, ..., "training.seed": 7, ..., "corpus.trainTokens": 1000, ... },
 *   "changes": [ { "step": 10, "key": "training.learningRate", "from": 0.001, "to": 5.0E-4 } ],
 *   "cursor": { "sequence": 120, "epoch": 2, "sequences_per_epoch": 52 },
 *   "steps": 40, "world_size": 2, "zero_stage": 1, "data": "corpora/mine", "from": "", "configuration": "..."
 * }
 * </pre>
 *
 * <p>What stands behind the changes is for people only.
 *
 * @param lossScale after the step; the file has none where losses have never been scaled
 * @param settings with the values that take effect
 * @param changes of settings that a resume was allowed to make, oldest first
 */
public record TrainerState(
    long step, LossScale lossScale, RunSettings settings, List<SettingChange> changes) {
  /** Its name in the folder of a checkpoint. */
  public static final String NAME = "trainer.json";

  static final int FORMAT_VERSION = 2;

  /** Copies. */
  public TrainerState {
    changes = List.copyOf(changes);
  }

  /**
   * Reads the file's text.
   *
   * @param model as config.json of the same checkpoint has it
   * @throws io.shardfire.sharding.checkpoint.CheckpointException when it is not a trainer state, or
   *     lacks what a run must be compared with
   */
  public static TrainerState read(String json, ModelConfiguration model) {
    return TrainerStateReader.read(json, model);
  }

  /**
   * The settings of a run.
   *
   * @param model its vocabulary size known
   * @param training its number of logical shards known
   * @param ranks that share them
   */
  public static RunSettings settings(
      ModelConfiguration model, TrainingConfiguration training, int ranks, CorpusIdentity corpus) {
    Map<String, Object> values = new LinkedHashMap<>(settings(model, training, ranks).values());
    values.putAll(RunSettings.recorded("corpus", corpus));
    return new RunSettings(values);
  }

  /**
   * As above, where the data cannot be read; what is left to the data is missing then.
   *
   * @param ranks 0 where they are not known, and missing then
   */
  public static RunSettings settings(
      ModelConfiguration model, TrainingConfiguration training, int ranks) {
    Map<String, Object> values =
        new LinkedHashMap<>(RunSettings.recorded("model", model.canonical()));
    values.putAll(RunSettings.recorded("training", training));
    values.put("training.decaySteps", training.lastDecayStep());
    values.put(SettingClasses.RANKS, ranks);
    ObjectiveSettings objective = training.objectiveSettings(model);
    values.put("training.objective", objective.kind());
    values.put("training.packing", objective.packing());
    values
        .keySet()
        .removeAll(
            EffectiveSettings.unread(
                training.schedule(),
                training.optimizer(),
                training.precision(),
                training.activations(),
                training.gradientExchange()));
    if (model.vocabularySize() == 0) {
      values.remove("model.vocabularySize");
    }
    if (training.logicalShards() == 0) {
      values.remove("training.logicalShards");
    }
    if (ranks == 0) {
      values.remove(SettingClasses.RANKS);
    }
    return new RunSettings(values);
  }

  /**
   * The file's text; members that only inform come from the specification and the other parameters.
   *
   * @param tokensPerStep that a step computes
   * @param sequencesPerEpoch of the training split
   */
  String write(
      RunSpecification specification, int worldSize, long tokensPerStep, long sequencesPerEpoch) {
    long sequences =
        step
            * settings.whole("training.logicalShards")
            * settings.whole("training.accumulation")
            * settings.whole("training.microBatch");
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format_version", FORMAT_VERSION);
    root.put("run_id", specification.ticket().runId());
    root.put("step", step);
    root.put("tokens", step * tokensPerStep);
    if (!lossScale.equals(LossScale.NONE)) {
      root.putObject("loss_scale")
          .put("scale", lossScale.scale())
          .put("good_steps", lossScale.goodSteps())
          .put("skipped_steps", lossScale.skippedSteps());
    }
    ObjectNode values = root.putObject("settings");
    settings.values().forEach((key, value) -> values.set(key, node(value)));
    ArrayNode history = root.putArray("changes");
    for (SettingChange change : changes) {
      history
          .addObject()
          .put("step", change.step())
          .put("key", change.key())
          .<ObjectNode>set("from", node(change.from()))
          .set("to", node(change.to()));
    }
    ObjectNode cursor = root.putObject("cursor");
    cursor.put("sequence", sequences);
    cursor.put("epoch", sequences / sequencesPerEpoch);
    cursor.put("sequences_per_epoch", sequencesPerEpoch);
    root.put("steps", specification.training().steps());
    root.put("world_size", worldSize);
    root.put("zero_stage", specification.training().zeroStage());
    root.put("data", specification.data());
    root.put("from", specification.from());
    root.put("configuration", specification.effectiveConfiguration());
    return root.toPrettyString() + "\n";
  }

  /** Whether a setting was changed to its present value when the run was resumed earlier. */
  boolean hasChanged(String key) {
    return changes.stream()
        .anyMatch(
            change -> change.key().equals(key) && change.to().equals(settings.values().get(key)));
  }

  /** The history with what is changed now. */
  List<SettingChange> changesWith(List<SettingChange> more) {
    List<SettingChange> all = new ArrayList<>(changes);
    all.addAll(more);
    return List.copyOf(all);
  }

  private static JsonNode node(Object value) {
    if (value instanceof Long number) {
      return LongNode.valueOf(number);
    }
    return value instanceof Float number
        ? FloatNode.valueOf(number)
        : TextNode.valueOf(value.toString());
  }
}
