package io.shardfire.jobs.configuration;

/** A configuration file or an override is wrong; the message names file, line, key and remedy. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States where, what and the remedy. */
  public ConfigurationException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
