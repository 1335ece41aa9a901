package io.shardfire.driver.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Collects what goes wrong in one generation, in the order in which the driver hears of it, and
 * tells the cause from its consequences.
 *
 * <p>When an executor dies, the other ranks notice at once that a peer is gone and fail too, mostly
 * before the cluster manager reports the death. So a failure that says only "a peer is gone" never
 * counts as the cause when anything else is known. Thread-safe.
 */
public final class FailureLog {
  private final List<Failure> failures = new ArrayList<>();

  /** Notes a failure. */
  public synchronized void add(Failure failure) {
    failures.add(failure);
  }

  /**
   * The first failure that is a cause in itself; empty while only consequences are known. A rank's
   * own exception goes before the loss of its executor, whichever came first: a rank that is out of
   * memory takes its executor with it. A task that ended before its rank could report comes last.
   */
  public synchronized Optional<Failure> cause() {
    Optional<Failure> first = failures.stream().filter(FailureLog::isPrimary).findFirst();
    if (first.isPresent() && first.get() instanceof Failure.ExecutorLost lost) {
      return failures.stream()
          .filter(failure -> explains(failure, lost))
          .findFirst()
          .or(() -> first);
    }
    return first.or(() -> failures.stream().filter(this::isUnreported).findFirst());
  }

  /** {@link #cause()}, else the first consequence heard of, else {@code fallback}. */
  public synchronized Failure rootCause(Failure fallback) {
    return cause()
        .or(() -> failures.stream().filter(Failure.RankFailed.class::isInstance).findFirst())
        .orElse(fallback);
  }

  /** Everything heard of, in order. */
  public synchronized List<Failure> all() {
    return List.copyOf(failures);
  }

  private static boolean isPrimary(Failure failure) {
    if (failure instanceof Failure.RankFailed rank) {
      return !rank.kind().secondary();
    }
    return failure instanceof Failure.ExecutorLost;
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

  private static boolean explains(Failure failure, Failure.ExecutorLost lost) {
    return failure instanceof Failure.RankFailed rank
        && !rank.kind().secondary()
        && rank.executorId().equals(lost.executorId());
  }
}
