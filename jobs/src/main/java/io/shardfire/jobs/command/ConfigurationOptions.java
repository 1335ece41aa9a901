package io.shardfire.jobs.command;

import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader.StartingModels;
import java.util.Optional;
import java.util.SortedMap;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that make the configuration of a job. */
public final class ConfigurationOptions {
  @Mixin private ConfigurationSources sources;

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
    RunConfiguration configuration = sources.read(options, models);
    NameEncoding.ofThisJvm().checkPaths(configuration);
    return configuration;
  }

  /** Whether to print the effective configuration instead of running. */
  public boolean print() {
    return print;
  }
}
