package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.worker.train.TrainingException;
import org.junit.jupiter.api.Test;

class RankFailuresTest {
  private static FailureKind kind(Throwable exception, boolean started) {
    return RankFailures.describe(exception, started, false, "h", "1", 7).kind();
  }

  @Test
  void shouldTellCausesFromConsequences() {
    assertEquals(FailureKind.PEER, kind(new CollectiveException("peer lost"), true));
    assertEquals(
        FailureKind.PEER,
        kind(new IllegalStateException("x", new CollectiveException("peer lost")), true));
    assertEquals(FailureKind.RANK, kind(new IllegalStateException("x"), true));
    assertEquals(
        FailureKind.MEMORY,
        kind(new IllegalStateException("x", new OutOfMemoryError("Java heap space")), true));
    assertEquals(
        FailureKind.STOPPED,
        RankFailures.describe(new CollectiveException("x"), true, true, "h", "1", 7).kind());
  }

  @Test
  void shouldBlameTheRequestForWhatWouldHappenAgain() {
    assertEquals(FailureKind.REQUEST, kind(new TrainingException("not finite"), true));
    assertEquals(FailureKind.REQUEST, kind(new ComputeException("no device"), false));
    assertEquals(FailureKind.REQUEST, kind(new IllegalArgumentException("bad"), false));
    assertEquals(FailureKind.RANK, kind(new IllegalArgumentException("bad"), true));
  }

  @Test
  void shouldKeepReportsSmall() {
    RankReport.Failed failed =
        RankFailures.describe(
            new IllegalStateException("x".repeat(100_000)), true, false, "h", "1", 7);

    assertTrue(failed.message().length() < 20_000);
    assertTrue(failed.stackTrace().length() < 20_000);
    assertEquals("java.lang.IllegalStateException", failed.exception());
    assertEquals(
        "no message",
        RankFailures.describe(new IllegalStateException(), true, false, "h", "1", 7).message());
  }
}
