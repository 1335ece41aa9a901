package io.shardfire.sharding.collective;

/** A collective cannot complete. */
public final class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States what failed, where, and who is missing. */
  public CollectiveException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
