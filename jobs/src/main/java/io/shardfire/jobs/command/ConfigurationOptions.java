package io.shardfire.jobs.command;

import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
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
    RunConfiguration configuration =
        RunConfigurationReader.read(Optional.ofNullable(file), overrides, options);
    NameEncoding.ofThisJvm().checkPaths(configuration);
    return configuration;
  }

  /** Whether to print the effective configuration instead of running. */
  public boolean print() {
    return print;
  }
}
