package io.shardfire.jobs.command;

import io.shardfire.jobs.configuration.EffectiveSetting;
import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import io.shardfire.jobs.configuration.RunConfigurationReader.StartingModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import picocli.CommandLine.Option;

/** The configuration file and the overrides of its settings. */
public final class ConfigurationSources {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Configuration file (YAML).")
  private Path file;

  @Option(
      names = {"-s", "--set"},
      paramLabel = "KEY=VALUE",
      description = "Override one setting, such as model.layers=6. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  RunConfiguration read(SortedMap<String, Object> options, StartingModels models) {
    return RunConfigurationReader.read(Optional.ofNullable(file), overrides, options, models);
  }

  /**
   * Every setting, and who said so.
   *
   * @param models looks up the shape of a model to begin with
   */
  public List<EffectiveSetting> explain(StartingModels models) {
    return RunConfigurationReader.explain(
        Optional.ofNullable(file), overrides, Collections.emptySortedMap(), models);
  }
}
