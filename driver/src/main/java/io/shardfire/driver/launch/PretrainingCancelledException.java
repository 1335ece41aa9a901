package io.shardfire.driver.launch;

/** A run was stopped on request; its checkpoints are kept. */
public final class PretrainingCancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States how to go on. */
  public PretrainingCancelledException(String message) {
    super(message);
  }
}
