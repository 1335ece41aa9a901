package io.shardfire.driver.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.sharding.transport.ListenException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  private static Failure hung(String executorId) {
    return new Failure.ExecutorHung(
        OptionalInt.empty(), executorId, "h", Duration.ofSeconds(3), "", "killed");
  }

  @Test
  void shouldTakeTheHangOfAnExecutorForTheCauseOfItsLoss() {
    log.add(rank(0, FailureKind.PEER));
    log.add(lost("1"));
    log.add(hung("1"));
    assertEquals(hung("1"), log.rootCause(JOB));

    log.add(lost("2"));
    assertEquals(lost("2"), log.rootCause(JOB));
  }

  @Test
  void shouldTakeTheLowestOfSeveralRanksWithTheSameKindOfFailure() {
    log.add(rank(2, FailureKind.RANK));
    log.add(rank(1, FailureKind.RANK));

    assertEquals(rank(1, FailureKind.RANK), log.rootCause(JOB));
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
  void shouldNotRetryPortsThatAreTaken() {
    String message = "Cannot listen on any port of the range";
    assertTrue(new Failure.TaskFailed("h", "6", "java.io.IOException", message).worthRetrying());
    assertFalse(
        new Failure.TaskFailed("h", "6", ListenException.class.getName(), message).worthRetrying());
  }

  /** All orders of all that can be heard; without its head, each next one becomes the cause. */
  @Test
  void shouldTellTheCauseWhicheverOrderTheFailuresArriveIn() {
    List<Failure> byImportance =
        List.of(
            rank(4, FailureKind.REQUEST),
            rank(3, FailureKind.MEMORY),
            rank(9, FailureKind.STORAGE),
            rank(2, FailureKind.RANK),
            rank(8, FailureKind.FILES),
            lost("5"),
            hung("1"),
            new Failure.TaskFailed("h", "6", "java.io.IOException", "no port"),
            rank(7, FailureKind.PEER),
            rank(0, FailureKind.STOPPED));

    for (int first = 0; first < byImportance.size(); first++) {
      Failure cause = byImportance.get(first);
      for (List<Failure> order : orders(byImportance.subList(first, byImportance.size()))) {
        FailureLog heard = new FailureLog();
        order.forEach(heard::add);
        assertEquals(cause, heard.rootCause(JOB), order::toString);
      }
    }
  }

  private static List<List<Failure>> orders(List<Failure> failures) {
    if (failures.isEmpty()) {
      return List.of(List.of());
    }
    List<List<Failure>> orders = new ArrayList<>();
    for (List<Failure> rest : orders(failures.subList(1, failures.size()))) {
      for (int at = 0; at <= rest.size(); at++) {
        List<Failure> order = new ArrayList<>(rest);
        order.add(at, failures.get(0));
        orders.add(order);
      }
    }
    return orders;
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
