package io.shardfire.worker.train;

/** Training cannot go on. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States step, rank and tensor where they apply, and the remedy. */
  public TrainingException(String message) {
    super(message);
  }

  TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
