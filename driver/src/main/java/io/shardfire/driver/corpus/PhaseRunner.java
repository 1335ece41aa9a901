package io.shardfire.driver.corpus;

import io.shardfire.driver.source.SourceException;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;

/** Runs the phases one by one, tells the listener, and turns Spark's failures into their cause. */
final class PhaseRunner implements AutoCloseable {
  private static final String DESCRIPTION = "spark.job.description";

  private final JavaSparkContext spark;
  private final PrepareListener listener;
  private final TaskProgress progress;
  private final String earlierDescription;

  PhaseRunner(JavaSparkContext spark, PrepareListener listener) {
    this.spark = spark;
    this.listener = new OrderedListener(listener);
    this.progress = new TaskProgress(UUID.randomUUID().toString(), this.listener);
    this.earlierDescription = spark.getLocalProperty(DESCRIPTION);
    spark.sc().addSparkListener(progress);
  }

  /**
   * Runs one phase.
   *
   * @param total tasks (or merges) ahead
   * @throws CorpusException the root cause of a failure, not Spark's wrapping of it
   */
  <T> T run(PreparePhase phase, long total, Supplier<T> work) {
    long started = System.nanoTime();
    listener.began(phase, total);
    progress.properties(phase).forEach(spark::setLocalProperty);
    spark.setLocalProperty(DESCRIPTION, "prepare: " + phase.name().toLowerCase(Locale.ROOT));
    T result;
    try {
      result = work.get();
    } catch (Exception e) {
      // Spark is written in Scala and throws checked exceptions that no signature declares.
      throw rootCause(phase, e);
    }
    listener.finished(phase, (System.nanoTime() - started) / 1e9);
    return result;
  }

  private static CorpusException rootCause(PreparePhase phase, Exception failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    Throwable cause = failure;
    while (!(cause instanceof CorpusException)
        && !(cause instanceof SourceException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof SourceException source) {
      return new CorpusException(source.getMessage(), source);
    }
    return cause instanceof CorpusException corpus
        ? corpus
        : new CorpusException(
            "Preparation failed: phase=%s reason=%s. %s"
                .formatted(
                    phase.name().toLowerCase(Locale.ROOT),
                    Reason.of(cause),
                    Reason.isFull(cause)
                        ? "Free space where executors keep temporary files (spark.local.dir)"
                        : "See the log of the executors, or run with --stacktrace"),
            failure);
  }

  /** Tells the listener about a phase that runs on this thread. */
  void advanced(PreparePhase phase, long done, long total) {
    listener.advanced(phase, done, total);
  }

  @Override
  public void close() {
    spark.sc().removeSparkListener(progress);
    progress
        .properties(PreparePhase.SCAN)
        .keySet()
        .forEach(key -> spark.setLocalProperty(key, null));
    spark.setLocalProperty(DESCRIPTION, earlierDescription);
  }
}
