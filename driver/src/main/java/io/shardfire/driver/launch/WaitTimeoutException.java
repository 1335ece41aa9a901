package io.shardfire.driver.launch;

/** What was waited for has not come in time; the message names it, and the setting of the time. */
public final class WaitTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WaitTimeoutException(String message, Throwable cause) {
    super(message, cause);
  }
}
