package io.shardfire.jobs.command;

/** The exit codes of every command. */
public final class ExitCode {
  /** Everything was done. */
  public static final int OK = 0;

  /** The job started, or tried to, and failed. */
  public static final int FAILURE = 1;

  /** The command line or the configuration is wrong; nothing was started. */
  public static final int USAGE = 2;

  /** Stopped by the user; the JVM itself exits with this code after SIGINT. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
