package io.shardfire.driver.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.report.FailureKind;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class FailureLogTest {
  private static final Failure JOB = new Failure.JobFailed("aborted");
  private final FailureLog log = new FailureLog();

  private static Failure rank(int rank, FailureKind kind) {
    return new Failure.RankFailed(rank, "h", "" + rank, kind, "E" + rank, "message", "trace");
  }

  private static Failure lost(String executorId) {
    return new Failure.ExecutorLost(
        OptionalInt.empty(), executorId, "h", new ExitReason("Command exited with code 137"));
  }

  @Test
  void shouldNotTakeALostPeerForTheCause() {
    log.add(rank(0, FailureKind.PEER));
    assertTrue(log.cause().isEmpty());
    log.add(rank(2, FailureKind.STOPPED));
    log.add(lost("1"));

    assertEquals(lost("1"), log.rootCause(JOB));
  }

  @Test
  void shouldPreferTheFirstOfSeveralCauses() {
    log.add(rank(0, FailureKind.PEER));
    log.add(rank(2, FailureKind.RANK));
    log.add(rank(1, FailureKind.RANK));

    assertEquals(rank(2, FailureKind.RANK), log.rootCause(JOB));
  }

  @Test
  void shouldExplainALostExecutorByTheExceptionOfItsRank() {
    log.add(lost("1"));
    log.add(rank(0, FailureKind.RANK));
    log.add(rank(1, FailureKind.MEMORY));

    assertEquals(rank(1, FailureKind.MEMORY), log.rootCause(JOB));
  }

  @Test
  void shouldFallBackToConsequencesAndThenToTheJob() {
    assertEquals(JOB, log.rootCause(JOB));
    log.add(rank(3, FailureKind.PEER));
    assertEquals(rank(3, FailureKind.PEER), log.rootCause(JOB));
  }

  @Test
  void shouldTakeATaskForTheCauseOnlyWhenItsRankDidNotReport() {
    Failure unreported = new Failure.TaskFailed("h", "1", "java.io.IOException", "no port");
    log.add(rank(0, FailureKind.PEER));
    log.add(new Failure.TaskFailed("h", "0", "CollectiveException", "peer lost"));
    assertEquals(Optional.empty(), log.cause());

    log.add(unreported);
    assertEquals(Optional.of(unreported), log.cause());
  }
}
