package io.shardfire.jobs.configuration;

import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RecoveryConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.List;

/**
 * A whole configuration file: what is prepared and what is trained on it. The keys of the file are
 * the components of these records.
 *
 * @param data folder that prepare writes and pretrain reads
 * @param run folder for checkpoints and metrics
 * @param from model folder whose weights pretrain begins with, or empty
 * @param device auto, cpu, gpu or an index
 */
public record RunConfiguration(
    String data,
    String run,
    String from,
    String device,
    PrepareSettings prepare,
    ModelConfiguration model,
    TrainingConfiguration training,
    ClusterConfiguration cluster,
    RecoveryConfiguration recovery) {

  /** What holds where a file says nothing. */
  static RunConfiguration defaults(ModelConfiguration model) {
    return new RunConfiguration(
        "",
        "",
        "",
        "auto",
        PrepareSettings.defaults(),
        model,
        TrainingConfiguration.standard().build(),
        ClusterConfiguration.DEFAULT,
        RecoveryConfiguration.DEFAULT);
  }

  /** The effective configuration as YAML; reading it gives an equal configuration. */
  public String yaml() {
    return ConfigurationText.yaml(this);
  }

  /** What a run is asked to make before it trains, in a folder of that path. */
  public PrepareConfiguration toPrepare(String folder) {
    requireInput();
    return prepare.toConfiguration(folder, false, System.getenv());
  }

  /** What the prepare job is asked to do. */
  public PrepareConfiguration toPrepare(boolean overwrite) {
    requireInput();
    requireText(data, "data", "--output", "the folder to write");
    return prepare.toConfiguration(data, overwrite, System.getenv());
  }

  private void requireInput() {
    if (!prepare.namesInput()) {
      throw new ConfigurationException(
          "Nothing to read. Give --input, or set prepare.input in the configuration file");
    }
  }

  /**
   * What the pretrain job is asked to do.
   *
   * @param allowedChanges keys of settings in which a resumed run may differ from its checkpoint
   */
  public PretrainConfiguration toPretrain(
      ExistingRun existingRun, List<String> allowedChanges, boolean dryRun) {
    AllowedChanges.check(allowedChanges, existingRun == ExistingRun.RESUME);
    requireText(data, "data", "--data", "the folder that prepare wrote");
    requireText(run, "run", "--run", "the folder for checkpoints and metrics");
    return new PretrainConfiguration(
        model,
        training,
        data,
        run,
        from,
        device,
        cluster,
        recovery,
        existingRun,
        allowedChanges,
        dryRun,
        yaml());
  }

  private static void requireText(String value, String key, String option, String meaning) {
    if (value.isBlank()) {
      throw new ConfigurationException(
          "Set " + key + " in the configuration file, or give " + option + ", to name " + meaning);
    }
  }
}
