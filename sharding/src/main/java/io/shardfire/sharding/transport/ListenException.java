package io.shardfire.sharding.transport;

/** An endpoint cannot listen where the configuration says; trying again would not help. */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ListenException(String message, Throwable cause) {
    super(message, cause);
  }
}
