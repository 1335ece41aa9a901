package io.shardfire.driver.corpus;

/**
 * Told how a preparation advances. Calls come one at a time but from several threads (the caller's
 * and Spark's listener bus), so implementations must return quickly and not touch Spark.
 */
public interface PrepareListener {
  /** A phase begins; {@code total} tasks (or merges) are ahead. */
  default void began(PreparePhase phase, long total) {}

  /** {@code done} of {@code total} tasks (or merges) are finished. */
  default void advanced(PreparePhase phase, long done, long total) {}

  /** A phase is over. */
  default void finished(PreparePhase phase, double seconds) {}

  /** A listener that ignores everything. */
  static PrepareListener silent() {
    return new PrepareListener() {};
  }
}
