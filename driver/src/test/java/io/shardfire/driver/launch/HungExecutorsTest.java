package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.FailureLog;
import io.shardfire.driver.report.FailureKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HungExecutorsTest {
  private static final Failure JOB = new Failure.JobFailed("aborted");

  private final ExecutorWatch watch = new ExecutorWatch();
  private final FailureLog failures = new FailureLog();
  private final List<String> killed = new ArrayList<>();
  private WatchedTasks spark;

  @BeforeEach
  void begin() {
    spark = new WatchedTasks(watch, failures);
  }

  /** Rank 1, in executor 4, hangs; rank 0 has waited for it. */
  private void hang() {
    spark.start("4", "10.0.0.3");
    watch.place(1, "4");
    failures.add(
        new Failure.RankFailed(
            0, "10.0.0.2", "7", FailureKind.PEER, "E", "Timed out: missing=[1]", "trace"));
  }

  private Optional<String> end(ExecutorKiller killer) {
    return end(killer, false);
  }

  /** No wait takes time: what is to happen has happened when the killer returns. */
  private Optional<String> end(ExecutorKiller killer, boolean cancelled) {
    return new HungExecutors(watch, killer, Duration.ZERO, Duration.ZERO, () -> cancelled)
        .end(failures);
  }

  private boolean kill(String executorId) {
    killed.add(executorId);
    spark.remove(executorId, "Remote RPC client disassociated");
    return true;
  }

  @Test
  void shouldLeaveRanksAloneThatHaveEnded() {
    assertEquals(Optional.empty(), end(this::kill));
    assertEquals(List.of(), killed);
    assertEquals(List.of(), failures.all());
  }

  @Test
  void shouldKillAndNameTheExecutorThatHangsAndNotTakeItsLossForTheCause() {
    hang();

    assertEquals(Optional.empty(), end(this::kill));

    assertEquals(List.of("4"), killed);
    assertEquals(
        "Executor 4 (rank 1) on 10.0.0.3 hung: its task had not ended 0 seconds after Spark had"
            + " stopped it, so it was killed, and another was asked for; Rank 0 on 10.0.0.2"
            + " (executor 7) failed: Timed out: missing=[1]",
        failures.rootCause(JOB).headline());
    assertEquals(true, failures.rootCause(JOB).worthRetrying());
  }

  @Test
  void shouldKillEveryExecutorThatHangs() {
    spark.start("4", "a");
    spark.start("5", "b");

    assertEquals(Optional.empty(), end(this::kill));
    assertEquals(List.of("4", "5"), killed);
  }

  /** Spark gives it no more tasks, and generations fence its messages. */
  @Test
  void shouldGoOnWithoutAnExecutorWhoseEndIsNotHeardOf() {
    hang();

    assertEquals(Optional.empty(), end(executor -> true));
  }

  @Test
  void shouldSayWhatWasTriedWhenTheClusterManagerRefuses() {
    hang();

    assertEquals(
        Optional.of(
            "Ranks have not ended within 0 seconds and could disturb a restart, and the cluster"
                + " manager has refused to kill their executors: executors=[4 (rank 1) on"
                + " 10.0.0.3]; stop these processes, then start again with --resume"),
        end(executor -> false));
    assertEquals(
        "Executor 4 (rank 1) on 10.0.0.3 hung: its task had not ended 0 seconds after Spark had"
            + " stopped it, so it was to be killed, which was refused; Rank 0 on 10.0.0.2 (executor"
            + " 7) failed: Timed out: missing=[1]",
        failures.rootCause(JOB).headline());
  }

  @Test
  void shouldKillNobodyOnceTheRunIsCancelled() {
    hang();

    assertEquals(Optional.empty(), end(this::kill, true));
    assertEquals(List.of(), killed);
  }
}
