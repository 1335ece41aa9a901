package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.train.TrainingException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.TaskKilledException;
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
    // Trying again would be refused again.
    assertEquals(
        FailureKind.REQUEST,
        kind(new CheckpointException("x", new LeaseLostException("taken over")), true));
    assertEquals(
        FailureKind.MEMORY,
        kind(new IllegalStateException("x", new OutOfMemoryError("Java heap space")), true));
    assertEquals(
        FailureKind.STOPPED,
        RankFailures.describe(new CollectiveException("x"), true, true, "h", "1", 7).kind());
  }

  @Test
  void shouldKeepTheOwnFailureOfARankThatWasStoppedMeanwhile() {
    assertEquals(FailureKind.REQUEST, stopped(new TrainingException("not finite")));
    assertEquals(FailureKind.RANK, stopped(new IllegalStateException("Disk full")));
    assertEquals(FailureKind.MEMORY, stopped(new OutOfMemoryError("Java heap space")));
    assertEquals(FailureKind.FILES, stopped(caused(new SocketTimeoutException("no answer"))));
  }

  @Test
  void shouldRecogniseTheConsequencesOfAStop() {
    for (Exception consequence :
        List.of(
            new InterruptedException(),
            new InterruptedIOException(),
            new ClosedByInterruptException(),
            new CancellationException(),
            new TaskKilledException("stage cancelled"))) {
      assertEquals(FailureKind.STOPPED, stopped(caused(consequence)), consequence.toString());
      FailureKind own = consequence instanceof IOException ? FailureKind.FILES : FailureKind.RANK;
      assertEquals(own, kind(caused(consequence), true), consequence.toString());
    }
  }

  private static FailureKind stopped(Throwable exception) {
    return RankFailures.describe(exception, true, true, "h", "1", 7).kind();
  }

  private static IllegalStateException caused(Exception cause) {
    return new IllegalStateException("x", cause);
  }

  @Test
  void shouldBlameTheRequestForWhatWouldHappenAgain() {
    assertEquals(FailureKind.REQUEST, kind(new TrainingException("not finite"), true));
    assertEquals(FailureKind.REQUEST, kind(new ComputeException("no device"), false));
    assertEquals(FailureKind.REQUEST, kind(new IllegalArgumentException("bad"), false));
    assertEquals(FailureKind.RANK, kind(new IllegalArgumentException("bad"), true));
    assertEquals(FailureKind.REQUEST, kind(new DataException("Shard is damaged"), false));
    assertEquals(
        FailureKind.FILES, kind(new DataException("Cannot read", new IOException("reset")), false));
  }

  /** Only a fault of the program is worth a stack trace on the console. */
  @Test
  void shouldTellFilesFromFaults() {
    CheckpointException ofAnotherRank = new CheckpointException("failed rank=1");
    IllegalStateException fault = new IllegalStateException("impossible");

    assertEquals(FailureKind.FILES, kind(ofAnotherRank, true));
    assertEquals(FailureKind.FILES, kind(new CheckpointException("x", ofAnotherRank), true));
    assertEquals(
        FailureKind.FILES,
        kind(new CheckpointException("x", new AccessDeniedException("/runs")), true));
    assertEquals(FailureKind.RANK, kind(new CheckpointException("x", fault), true));
    assertEquals(FailureKind.REQUEST, kind(ofAnotherRank, false));
  }

  @Test
  void shouldEndTheTaskOfARankThatHasReportedWithoutAStackTrace() {
    RankEndedException end =
        new RankEndedException(
            3, RankFailures.describe(new IOException("a\nb"), true, false, "h", "1", 7));

    assertEquals("Rank 3 has told the driver why it ends: a", end.getMessage());
    assertEquals(0, end.getStackTrace().length);
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
