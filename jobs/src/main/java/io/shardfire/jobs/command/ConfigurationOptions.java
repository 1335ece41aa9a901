package io.shardfire.jobs.command;

import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import io.shardfire.jobs.configuration.RunConfigurationReader.StartingModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import picocli.CommandLine.Option;

/** Options that make the configuration of a job. */
public final class ConfigurationOptions {
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

  @Option(
      names = "--print-config",
      description = "Print the effective configuration, defaults included, and exit.")
  private boolean print;

  /**
   * The configuration.
   *
   * @param options what options that stand for a setting were given, by path
   */
  public RunConfiguration read(SortedMap<String, Object> options) {
    return read(options, (from, run) -> Optional.empty());
  }

  /**
   * The configuration of a run that may begin with the weights of a model.
   *
   * @param models looks up the shape of such a model
   */
  public RunConfiguration read(SortedMap<String, Object> options, StartingModels models) {
    RunConfiguration configuration =
        RunConfigurationReader.read(Optional.ofNullable(file), overrides, options, models);
    NameEncoding.ofThisJvm().checkPaths(configuration);
    return configuration;
  }

  /** Whether to print the effective configuration instead of running. */
  public boolean print() {
    return print;
  }
}
