package io.shardfire.driver.corpus;

/**
 * The corpus, the configuration or the output folder does not allow the preparation to go on. The
 * message names the file and the position where there is one, and the remedy.
 */
public class CorpusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For a problem found by this package. */
  public CorpusException(String message) {
    super(message);
  }

  /** For a problem reported by a file system, a library or Spark. */
  public CorpusException(String message, Throwable cause) {
    super(message, cause);
  }
}
