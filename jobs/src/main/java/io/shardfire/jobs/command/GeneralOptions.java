package io.shardfire.jobs.command;

import picocli.CommandLine.Option;

/** Options of every command. */
public final class GeneralOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the versions and exit.")
  boolean version;

  @Option(names = "--stacktrace", description = "Show where in the code an error came from.")
  private boolean stacktrace;

  /** Whether errors come with their stack trace. */
  public boolean stacktrace() {
    return stacktrace;
  }
}
