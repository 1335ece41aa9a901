package io.shardfire.driver.recovery;

import io.shardfire.driver.report.FailureKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Collects what goes wrong in one generation and tells the cause from its consequences.
 *
 * <p>When a rank fails or an executor dies, the other ranks notice that a peer is gone and fail
 * too, and Spark stops the rest; what the driver hears of first says nothing about what came first.
 * So the cause follows from what the failures are, not from their order, in this sequence:
 *
 * <ol>
 *   <li>what the request caused: a restart cannot help
 *   <li>a full heap, which takes the executor with it
 *   <li>a file system that is full
 *   <li>any other exception of a rank's own, then what a file system threw
 *   <li>the loss of an executor that nobody had killed
 *   <li>an executor that hung and was killed for it
 *   <li>a task that ended before its rank could report
 * </ol>
 *
 * <p>Of several ranks with the same kind of failure the lowest counts; of several lost executors
 * and tasks the first, since Spark tells of them in order. A failure that says only "a peer is
 * gone" never counts as the cause when anything else is known. Thread-safe.
 */
public final class FailureLog {
  private final List<Failure> failures = new ArrayList<>();

  /** Notes a failure. */
  public synchronized void add(Failure failure) {
    failures.add(failure);
  }

  /** What counts as the cause among all that is known; empty while that is only consequences. */
  public synchronized Optional<Failure> cause() {
    return rank(FailureKind.REQUEST)
        .or(() -> rank(FailureKind.MEMORY))
        .or(() -> rank(FailureKind.STORAGE))
        .or(() -> rank(FailureKind.RANK))
        .or(() -> rank(FailureKind.FILES))
        .or(() -> first(this::isLostByItself))
        .or(() -> first(Failure.ExecutorHung.class::isInstance))
        .or(() -> first(this::isUnreported));
  }

  /** {@link #cause()}, else a consequence, a lost peer before a stop, else {@code fallback}. */
  public synchronized Failure rootCause(Failure fallback) {
    return cause()
        .or(() -> rank(FailureKind.PEER))
        .or(() -> rank(FailureKind.STOPPED))
        .orElse(fallback);
  }

  /** What a rank reported that missed a peer. */
  public synchronized Optional<String> firstConsequence() {
    return rank(FailureKind.PEER).map(Failure::headline);
  }

  /** Everything heard of, in order. */
  public synchronized List<Failure> all() {
    return List.copyOf(failures);
  }

  private Optional<Failure> rank(FailureKind kind) {
    return failures.stream()
        .filter(Failure.RankFailed.class::isInstance)
        .map(Failure.RankFailed.class::cast)
        .filter(failure -> failure.kind() == kind)
        .min(Comparator.comparingInt(Failure.RankFailed::rank))
        .map(Failure.class::cast);
  }

  private Optional<Failure> first(Predicate<Failure> condition) {
    return failures.stream().filter(condition).findFirst();
  }

  /** A hung executor is lost because it was killed. */
  private boolean isLostByItself(Failure failure) {
    return failure instanceof Failure.ExecutorLost lost
        && failures.stream()
            .noneMatch(
                other ->
                    other instanceof Failure.ExecutorHung hung
                        && hung.executorId().equals(lost.executorId()));
  }

  /** Spark also names the exceptions of ranks that did report; those add nothing. */
  private boolean isUnreported(Failure failure) {
    return failure instanceof Failure.TaskFailed task
        && failures.stream()
            .noneMatch(
                other ->
                    other instanceof Failure.RankFailed rank
                        && rank.executorId().equals(task.executorId()));
  }
}
