package io.shardfire.jobs.command;

/**
 * The exit codes of every command, for schedulers and scripts. A failure is final here: whatever
 * could be tried again, such as going on without a lost executor, has been.
 */
public final class ExitCode {
  /** Everything was done. */
  public static final int OK = 0;

  /** The job started, or tried to, and failed. */
  public static final int FAILURE = 1;

  /** The command line or the configuration is wrong; nothing was started, and nothing will be. */
  public static final int USAGE = 2;

  /**
   * Stopped on request; all checkpoints are kept. The JVM itself exits with this code after SIGINT,
   * and with 143 after SIGTERM.
   */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
