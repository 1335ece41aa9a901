package io.shardfire.worker.resume;

import static io.shardfire.worker.resume.SettingClass.FIXED;
import static io.shardfire.worker.resume.SettingClass.FREE;
import static io.shardfire.worker.resume.SettingClass.TRAJECTORY;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The class of every setting, by the key that configuration files use. Keys of the section {@code
 * corpus} are no settings: they say what the folder under {@code data} holds. A setting that is new
 * must be put in here; the tests compare this table with the records of the configuration.
 */
public final class SettingClasses {
  /** Section of the keys that identify the data. */
  public static final String CORPUS = "corpus.";

  /** The ranks, as many as there are. */
  public static final String RANKS = "cluster.ranks";

  private static final Map<String, SettingClass> TABLE = table();

  /** What versions did that did not know a setting yet. */
  private static final Map<String, Object> EARLIER =
      Map.ofEntries(
          Map.entry("model.kind", "decoder"),
          Map.entry("model.cell", "none"),
          Map.entry("model.encoderLayers", 0L),
          Map.entry("model.headWidth", 0L),
          Map.entry("model.sourceContext", 0L),
          Map.entry("model.normPlacement", "pre"),
          Map.entry("model.relativeBuckets", 32L),
          Map.entry("model.relativeDistance", 128L),
          Map.entry("model.scaledAttention", "true"),
          Map.entry("model.sharedEmbeddings", "true"),
          Map.entry("model.scaledEmbeddings", "false"),
          Map.entry("model.embeddingNorm", "false"),
          Map.entry("model.segments", 0L),
          Map.entry("model.head", "plain"),
          Map.entry("model.sentenceHead", "false"),
          Map.entry("training.precision", "fp32"),
          Map.entry("training.activations", "fp32"),
          Map.entry("training.parameters", "fp32"),
          Map.entry("training.gradientExchange", "fp32"),
          Map.entry("training.objective", "causal"),
          Map.entry("training.packing", "stream"),
          Map.entry("training.maskedShare", 0.15f),
          Map.entry("training.meanSpan", 3f),
          Map.entry("training.wholeWords", "false"),
          Map.entry("training.nextSentence", "false"));

  private SettingClasses() {}

  private static Map<String, SettingClass> table() {
    Map<String, SettingClass> table = new LinkedHashMap<>();
    put(
        table,
        FIXED,
        "model.kind",
        "model.cell",
        "model.layers",
        "model.encoderLayers",
        "model.heads",
        "model.keyValueHeads",
        "model.headWidth",
        "model.width",
        "model.feedForwardWidth",
        "model.context",
        "model.sourceContext",
        "model.vocabularySize",
        "model.norm",
        "model.normPlacement",
        "model.normEpsilon",
        "model.activation",
        "model.gated",
        "model.positions",
        "model.ropeBase",
        "model.relativeBuckets",
        "model.relativeDistance",
        "model.window",
        "model.scaledAttention",
        "model.biases",
        "model.tiedEmbeddings",
        "model.sharedEmbeddings",
        "model.scaledEmbeddings",
        "model.embeddingNorm",
        "model.segments",
        "model.head",
        "model.sentenceHead",
        "training.microBatch",
        "training.accumulation",
        "training.logicalShards",
        "training.seed",
        "training.objective",
        "training.packing",
        "training.maskedShare",
        "training.meanSpan",
        "training.wholeWords",
        "training.nextSentence",
        "training.optimizer",
        "corpus.vocabularyHash",
        "corpus.trainTokens",
        "corpus.validationTokens",
        "corpus.trainChecksum",
        "corpus.validationChecksum");
    put(
        table,
        TRAJECTORY,
        "model.dropout",
        "training.schedule",
        "training.learningRate",
        "training.minimumLearningRate",
        "training.warmupSteps",
        "training.decaySteps",
        "training.decayShape",
        "training.decayShare",
        "training.beta1",
        "training.beta2",
        "training.epsilon",
        "training.momentum",
        "training.nesterov",
        "training.relativeStep",
        "training.weightDecay",
        "training.clipNorm",
        "training.precision",
        "training.lossScale",
        "training.lossScaleWindow",
        "training.activations",
        "training.parameters",
        "training.recompute",
        "training.gradientExchange",
        RANKS);
    put(
        table,
        FREE,
        "data",
        "run",
        "from",
        "device",
        "training.steps",
        "training.zeroStage",
        "training.evaluateEvery",
        "training.evaluationBatches",
        "training.checkpointEvery",
        "training.keepCheckpoints",
        "training.packedWeights",
        "cluster.networkTimeoutSeconds",
        "cluster.startTimeoutSeconds",
        "cluster.stopGraceSeconds",
        "cluster.chunkBytes",
        "cluster.sharedMemory",
        "cluster.ports",
        "recovery.maxRestarts",
        "recovery.allowFewerRanks",
        "recovery.replacementTimeoutSeconds");
    return Collections.unmodifiableMap(table);
  }

  private static void put(Map<String, SettingClass> table, SettingClass type, String... keys) {
    for (String key : keys) {
      table.put(key, type);
    }
  }

  /**
   * The class of a setting.
   *
   * @throws IllegalArgumentException when the table lacks it
   */
  public static SettingClass of(String key) {
    SettingClass found = TABLE.get(key);
    if (found == null) {
      throw new IllegalArgumentException(
          "Not a setting with a class; put it into the table of setting classes: key=" + key);
    }
    return found;
  }

  /** The values that settings had before they could be set, where a checkpoint lacks them. */
  public static Map<String, Object> earlier() {
    return EARLIER;
  }

  /** Whether the table has a key. */
  public static boolean contains(String key) {
    return TABLE.containsKey(key);
  }

  /** All keys of a class, in the order of the table. */
  public static List<String> keys(SettingClass type) {
    return TABLE.keySet().stream().filter(key -> TABLE.get(key) == type).toList();
  }

  /** The keys that a checkpoint records, in the order of the table. */
  public static List<String> recorded() {
    return TABLE.keySet().stream().filter(key -> TABLE.get(key) != FREE).toList();
  }
}
