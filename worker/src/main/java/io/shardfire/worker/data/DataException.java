package io.shardfire.worker.data;

/**
 * A prepared corpus is absent, damaged or does not fit; the message names the file, what was
 * expected and what was found.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States file, expected, actual, and the remedy. */
  public DataException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
