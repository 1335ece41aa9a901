package io.shardfire.worker.train;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.generate.ModelWeights;
import io.shardfire.worker.resume.Refusal;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A model folder, Hugging Face's or that of a checkpoint, whose weights a run begins with. The
 * driver asks before anything starts, and every rank before it reads the weights.
 */
public final class StartingModel {
  private static final String DROPOUT = "model.dropout";
  private static final String VOCABULARY = "model.vocabularySize";

  private StartingModel() {}

  /**
   * The shape of the folder's model.
   *
   * @throws CheckpointException when the folder is no model
   * @throws IllegalArgumentException when its config.json describes one that is not supported
   */
  public static ModelConfiguration model(Configuration hadoop, String from) {
    try (ModelFolder folder = ModelFolder.open(hadoop, new Path(from))) {
      return model(folder);
    }
  }

  private static ModelConfiguration model(ModelFolder folder) {
    return ConfigurationFile.read(folder.document(ConfigurationFile.NAME));
  }

  /**
   * Why a run cannot begin with the folder's weights; empty when it can.
   *
   * @param model of the run, its vocabulary size known
   * @param vocabularyHash of the corpus
   */
  public static List<Refusal> refusals(
      Configuration hadoop, String from, ModelConfiguration model, String vocabularyHash) {
    try (ModelFolder folder = ModelFolder.open(hadoop, new Path(from))) {
      List<Refusal> refusals = new ArrayList<>();
      differences(from, model(folder), model).ifPresent(refusals::add);
      otherVocabulary(hadoop, from, vocabularyHash).ifPresent(refusals::add);
      if (refusals.isEmpty()) {
        ModelWeights.requireFits(folder, from, ShardLayout.of(Architecture.units(model), 1));
      }
      return refusals;
    } catch (CheckpointException | IllegalArgumentException e) {
      return List.of(
          new Refusal(
              "The model to start from cannot be used: from=" + from + ": " + e.getMessage(),
              "Set from to a checkpoint or a Hugging Face folder"));
    }
  }

  private static Optional<Refusal> differences(
      String from, ModelConfiguration found, ModelConfiguration asked) {
    Map<String, Object> theirs = settings(found);
    List<String> differences =
        settings(asked).entrySet().stream()
            .filter(setting -> !setting.getKey().equals(DROPOUT))
            .filter(setting -> !setting.getValue().equals(theirs.get(setting.getKey())))
            .map(setting -> setting + ", there " + theirs.get(setting.getKey()))
            .toList();
    if (differences.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            "The model to start from has another architecture: from="
                + from
                + "; "
                + String.join("; ", differences),
            differences.get(0).startsWith(VOCABULARY)
                ? "Set " + VOCABULARY + " to that of the folder, or leave the section model out"
                : "Leave the section model out to take the folder's"));
  }

  private static Map<String, Object> settings(ModelConfiguration model) {
    return new RunSettings(RunSettings.recorded("model", model.canonical())).values();
  }

  private static Optional<Refusal> otherVocabulary(
      Configuration hadoop, String from, String vocabularyHash) {
    String json = TokenizerFiles.read(hadoop, new Path(from)).json();
    String found = TokenizerJson.vocabularyHash(json);
    return found.equals(vocabularyHash)
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                "The model to start from has another vocabulary than the corpus: from="
                    + from
                    + ", its vocabularyHash="
                    + found
                    + ", the corpus's="
                    + vocabularyHash,
                "Prepare the corpus with the model's tokenizer: --tokenizer-path " + from));
  }

  /**
   * Fills all tensors of a layout.
   *
   * @param units where the units lie
   * @throws TrainingException when the run cannot begin with the folder's weights
   */
  static void read(
      Configuration hadoop,
      String from,
      ModelConfiguration model,
      String vocabularyHash,
      ShardLayout layout,
      List<FloatRange> units) {
    List<Refusal> refusals = refusals(hadoop, from, model, vocabularyHash);
    if (!refusals.isEmpty()) {
      throw new TrainingException(refusals.get(0).toString());
    }
    try (ModelFolder folder = ModelFolder.open(hadoop, new Path(from))) {
      new ModelWeights(folder, from).read(layout, units);
    }
  }
}
