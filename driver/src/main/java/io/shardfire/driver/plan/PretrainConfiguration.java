package io.shardfire.driver.plan;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.resume.SettingClasses;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Everything a pre-training run is asked to do. Values that need the data or the cluster are
 * checked before the run starts.
 *
 * @param data folder that prepare wrote, on any Hadoop file system
 * @param run folder for checkpoints and metrics, on any Hadoop file system
 * @param from model folder that the run begins with the weights of, or empty
 * @param device selector of {@code ComputeDevice.select}, applied in every executor
 * @param allowedChanges keys of settings in which a resumed run may differ from its checkpoint
 * @param dryRun check everything, print the plan, train nothing, write nothing
 * @param effectiveConfiguration the whole configuration as YAML, printed and stored in checkpoints
 */
public record PretrainConfiguration(
    ModelConfiguration model,
    TrainingConfiguration training,
    String data,
    String run,
    String from,
    String device,
    ClusterConfiguration cluster,
    RecoveryConfiguration recovery,
    ExistingRun existingRun,
    List<String> allowedChanges,
    boolean dryRun,
    String effectiveConfiguration) {
  /** Copies, and checks that nothing is missing. */
  public PretrainConfiguration {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(training, "training");
    requireText(data, "data", "the folder that prepare wrote");
    requireText(run, "run", "the folder for checkpoints and metrics");
    Objects.requireNonNull(from, "from");
    requireText(device, "device", "auto, cpu, gpu or an index");
    Objects.requireNonNull(cluster, "cluster");
    Objects.requireNonNull(recovery, "recovery");
    Objects.requireNonNull(existingRun, "existingRun");
    allowedChanges = List.copyOf(allowedChanges);
    Objects.requireNonNull(effectiveConfiguration, "effectiveConfiguration");
  }

  /**
   * Keys of settings in which the run may differ from a checkpoint that it goes on from: what is
   * allowed by name, and the number of ranks where the run may go on with fewer.
   */
  public List<String> changesThatMayBeMade() {
    return recovery.allowFewerRanks()
        ? Stream.concat(allowedChanges.stream(), Stream.of(SettingClasses.RANKS)).toList()
        : allowedChanges;
  }

  /** The same but for what is done with a run that is there already. */
  public PretrainConfiguration withExistingRun(ExistingRun mode) {
    return with(model, from, mode);
  }

  /** The same but for the model. */
  public PretrainConfiguration withModel(ModelConfiguration other) {
    return with(other, from, existingRun);
  }

  /** The same but for the model folder that the run begins with. */
  public PretrainConfiguration withFrom(String folder) {
    return with(model, folder, existingRun);
  }

  private PretrainConfiguration with(ModelConfiguration other, String folder, ExistingRun mode) {
    return new PretrainConfiguration(
        other,
        training,
        data,
        run,
        folder,
        device,
        cluster,
        recovery,
        mode,
        allowedChanges,
        dryRun,
        effectiveConfiguration);
  }

  private static void requireText(String value, String name, String meaning) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          "Set " + name + " to " + meaning + ": " + name + " is empty");
    }
  }
}
