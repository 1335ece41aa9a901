package io.shardfire.worker.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.sharding.checkpoint.CheckpointException;
import java.util.Locale;

/**
 * The {@code trainer.json} of a checkpoint: where the run stands, and what a run must have in
 * common with it to continue bit for bit.
 */
record TrainerState(
    long step,
    int logicalShards,
    int accumulation,
    int microBatch,
    int context,
    long seed,
    String vocabularyHash,
    long trainTokens,
    long validationTokens) {
  static final String NAME = "trainer.json";

  private static final int FORMAT_VERSION = 1;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static TrainerState of(
      long step,
      BatchShape batch,
      long seed,
      String vocabularyHash,
      long trainTokens,
      long validationTokens) {
    return new TrainerState(
        step,
        batch.logicalShards(),
        batch.accumulation(),
        batch.microBatch(),
        batch.context(),
        seed,
        vocabularyHash,
        trainTokens,
        validationTokens);
  }

  /** The file's text; members that only inform come from the specification. */
  String write(RunSpecification specification, int worldSize) {
    TrainingConfiguration training = specification.training();
    long sequences = step * logicalShards * accumulation * microBatch;
    SampleOrder order = new SampleOrder(trainTokens, context, seed);
    ObjectNode root = MAPPER.createObjectNode();
    root.put("format_version", FORMAT_VERSION);
    root.put("run_id", specification.ticket().runId());
    root.put("step", step);
    root.put("tokens", sequences * context);
    root.put("seed", seed);
    root.put("logical_shards", logicalShards);
    root.put("accumulation", accumulation);
    root.put("micro_batch", microBatch);
    root.put("context", context);
    root.put("world_size", worldSize);
    root.put("zero_stage", training.zeroStage());
    ObjectNode schedule = root.putObject("schedule");
    schedule.put("learning_rate", training.learningRate());
    schedule.put("minimum_learning_rate", training.minimumLearningRate());
    schedule.put("warmup_steps", training.warmupSteps());
    schedule.put("decay_steps", training.lastDecayStep());
    schedule.put("steps", training.steps());
    ObjectNode data = root.putObject("data");
    data.put("folder", specification.data());
    data.put("vocabulary_hash", vocabularyHash);
    data.put("train_tokens", trainTokens);
    data.put("validation_tokens", validationTokens);
    ObjectNode cursor = root.putObject("cursor");
    cursor.put("sequence", sequences);
    cursor.put("epoch", order.epoch(sequences));
    cursor.put("windows_per_epoch", order.windows());
    root.put("configuration", specification.effectiveConfiguration());
    return root.toPrettyString() + "\n";
  }

  /**
   * Reads the text back.
   *
   * @throws CheckpointException when it is not a trainer state of this version
   */
  static TrainerState read(String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          NAME + " is not JSON; resume from another checkpoint: " + e.getOriginalMessage(), e);
    }
    if (root.path("format_version").asInt() != FORMAT_VERSION) {
      throw new CheckpointException(
          NAME
              + " has another format; resume with the version that wrote it: format_version="
              + root.path("format_version")
              + ", expected="
              + FORMAT_VERSION);
    }
    JsonNode data = required(root, "data");
    return new TrainerState(
        required(root, "step").asLong(),
        required(root, "logical_shards").asInt(),
        required(root, "accumulation").asInt(),
        required(root, "micro_batch").asInt(),
        required(root, "context").asInt(),
        required(root, "seed").asLong(),
        required(data, "vocabulary_hash").asText(),
        required(data, "train_tokens").asLong(),
        required(data, "validation_tokens").asLong());
  }

  private static JsonNode required(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null) {
      throw new CheckpointException(
          NAME + " lacks a member; resume from another checkpoint: member=" + name);
    }
    return value;
  }

  /**
   * Checks that {@code run} continues this state bit for bit.
   *
   * @throws TrainingException naming the setting, its value then and now
   */
  void requireContinuedBy(TrainerState run) {
    same("training.seed", seed, run.seed);
    same("training.logicalShards", logicalShards, run.logicalShards);
    same("training.accumulation", accumulation, run.accumulation);
    same("training.microBatch", microBatch, run.microBatch);
    same("model.context", context, run.context);
    same("vocabularyHash", vocabularyHash, run.vocabularyHash);
    same("trainTokens", trainTokens, run.trainTokens);
    same("validationTokens", validationTokens, run.validationTokens);
  }

  private static void same(String name, Object checkpoint, Object run) {
    if (!checkpoint.equals(run)) {
      throw new TrainingException(
          String.format(
              Locale.ROOT,
              "The checkpoint was written by a run with another %s; resume with the same value, or"
                  + " start a new run in another folder: %s=%s, checkpoint=%s",
              name,
              name,
              run,
              checkpoint));
    }
  }
}
