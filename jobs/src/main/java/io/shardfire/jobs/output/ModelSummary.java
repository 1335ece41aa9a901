package io.shardfire.jobs.output;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointSummary.TensorSummary;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.generate.ModelWeights;
import java.util.List;

/**
 * What a Hugging Face folder holds, for people and for JSON.
 *
 * @param folder as the user named it
 * @param architecture form and sizes; empty when it is not one that is read
 * @param parameters elements of all tensors of floats
 * @param tensors by name
 * @param configuration text of config.json
 * @param problems why the model cannot be used; empty when it can
 */
public record ModelSummary(
    String folder,
    String architecture,
    long parameters,
    List<TensorSummary> tensors,
    String configuration,
    List<String> problems) {
  /** Copies. */
  public ModelSummary {
    tensors = List.copyOf(tensors);
    problems = List.copyOf(problems);
  }

  /**
   * Reads every tensor.
   *
   * @throws CheckpointException when a weight file cannot be read
   */
  public static ModelSummary of(ModelFolder folder, String name) {
    String configuration = folder.document(ConfigurationFile.NAME);
    String architecture = "";
    List<String> problems = List.of();
    try {
      ModelConfiguration model = ConfigurationFile.read(configuration);
      architecture = Architecture.describe(model);
      ModelWeights.requireFits(folder, name, ShardLayout.of(Architecture.units(model), 1));
    } catch (CheckpointException | IllegalArgumentException e) {
      problems = List.of(e.getMessage());
    }
    List<TensorSummary> tensors = folder.summaries();
    return new ModelSummary(
        name,
        architecture,
        tensors.stream()
            .filter(tensor -> !Double.isNaN(tensor.values().l2Norm()))
            .mapToLong(tensor -> tensor.values().elements())
            .sum(),
        tensors,
        configuration,
        problems);
  }
}
