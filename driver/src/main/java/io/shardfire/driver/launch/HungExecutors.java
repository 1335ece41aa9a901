package io.shardfire.driver.launch;

import io.shardfire.driver.launch.ExecutorWatch.BusyExecutor;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.FailureLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the ranks of a failed generation end, by force where they hang: a process that is
 * stopped, swaps or sits in native code does not hear that Spark has stopped its task.
 *
 * <p>Its executor is then killed and replaced. Should the process live on nevertheless, for
 * instance on a machine that can no longer be reached, the next generation starts all the same:
 * Spark gives the executor no more tasks, and the ranks refuse messages of another generation.
 */
final class HungExecutors {
  private static final Logger LOG = LoggerFactory.getLogger(HungExecutors.class);
  private static final Duration QUIET = Duration.ofSeconds(5);

  private final ExecutorWatch watch;
  private final ExecutorKiller killer;
  private final Duration patience;
  private final Duration killTimeout;
  private final BooleanSupplier cancelled;

  /**
   * @param patience how long the ranks may take to end by themselves
   * @param killTimeout how long a cluster manager may take to end a process: 10 seconds in a
   *     standalone cluster, 30 on Kubernetes, and what Spark needs to notice
   * @param cancelled whether the run was stopped on request; nobody is killed then, for no other
   *     generation follows
   */
  HungExecutors(
      ExecutorWatch watch,
      ExecutorKiller killer,
      Duration patience,
      Duration killTimeout,
      BooleanSupplier cancelled) {
    this.watch = watch;
    this.killer = killer;
    this.patience = patience;
    this.killTimeout = killTimeout;
    this.cancelled = cancelled;
  }

  /**
   * Waits until all ranks have ended, and kills the executors of those that do not. What it finds
   * becomes part of {@code failures}.
   *
   * @return why no other generation may follow; mostly empty
   */
  Optional<String> end(FailureLog failures) {
    if (watch.awaitNoTasks(quiet(), cancelled) || cancelled.getAsBoolean()) {
      return Optional.empty();
    }
    LOG.info(
        "Waiting up to {} seconds for ranks to end: executors={}",
        patience.toSeconds(),
        listed(watch.busyExecutors()));
    if (watch.awaitNoTasks(patience.minus(quiet()), cancelled) || cancelled.getAsBoolean()) {
      return Optional.empty();
    }
    Set<BusyExecutor> hung = watch.busyExecutors();
    List<BusyExecutor> refused = new ArrayList<>();
    for (BusyExecutor executor : hung) {
      boolean killed = killer.killAndReplace(executor.id());
      failures.add(
          new Failure.ExecutorHung(
              executor.rank(),
              executor.id(),
              executor.host(),
              patience,
              failures.firstConsequence().orElse(""),
              killed ? "killed, and another was asked for" : "to be killed, which was refused"));
      if (!killed) {
        refused.add(executor);
      }
    }
    boolean gone = watch.awaitNoTasks(killTimeout, cancelled);
    if (gone || refused.isEmpty()) {
      if (!gone) {
        LOG.warn(
            "Spark has not heard within {} seconds that the killed executors have ended; the run"
                + " goes on without them: executors={}",
            killTimeout.toSeconds(),
            listed(watch.busyExecutors()));
      }
      return Optional.empty();
    }
    return Optional.of(
        "Ranks have not ended within "
            + patience.plus(killTimeout).toSeconds()
            + " seconds and could disturb a restart, and the cluster manager has refused to kill"
            + " their executors: executors="
            + listed(refused)
            + "; stop these processes, then start again with --resume");
  }

  /** A wait this short needs no words. */
  private Duration quiet() {
    return patience.compareTo(QUIET) < 0 ? patience : QUIET;
  }

  private static String listed(Iterable<BusyExecutor> executors) {
    List<String> names = new ArrayList<>();
    executors.forEach(executor -> names.add(executor.toString()));
    return names.stream().collect(Collectors.joining(", ", "[", "]"));
  }
}
