package io.shardfire.driver.launch;

/** A run has failed for good; the message names the root cause and the remedy. */
public final class PretrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States the root cause and what to do. */
  public PretrainingException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public PretrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
