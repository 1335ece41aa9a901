package io.shardfire.driver.source;

/** A source cannot be read as asked. The message names the source, the reason and the remedy. */
public final class SourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SourceException(String message) {
    super(message);
  }

  SourceException(String message, Throwable cause) {
    super(message, cause);
  }
}
