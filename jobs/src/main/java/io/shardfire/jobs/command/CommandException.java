package io.shardfire.jobs.command;

/** A command cannot do what it was asked; the message names the values and the remedy. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States the problem, the values and the remedy. */
  public CommandException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public CommandException(String message, Throwable cause) {
    super(message, cause);
  }
}
