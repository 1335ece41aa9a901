package io.shardfire.sharding.checkpoint;

/**
 * A checkpoint is absent, damaged or does not fit; the message names file, expected and actual
 * values.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States file, expected, actual, and the remedy. */
  public CheckpointException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
