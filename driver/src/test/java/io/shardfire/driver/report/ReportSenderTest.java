package io.shardfire.driver.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ReportSenderTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final RankReport REPORT = new RankReport.Evaluated(1, 2);

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);

  private ReportSink sink(Runnable onSend) {
    return new ReportSink() {
      @Override
      public void send(RankReport report) {
        onSend.run();
        seen.add(report + " on " + Thread.currentThread().getName());
      }

      @Override
      public void close() {
        seen.add("closed");
      }
    };
  }

  private void awaitGate() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldSendInOrderOnItsOwnThreadAndDrainBeforeItCloses() {
    try (ReportSender sender = ReportSender.start(sink(() -> {}), LONG, 3)) {
      sender.post(REPORT);
      sender.post(new RankReport.Checkpointed(1, "f"));
    }

    assertEquals(
        List.of(
            REPORT + " on shardfire-reports-rank-3",
            new RankReport.Checkpointed(1, "f") + " on shardfire-reports-rank-3",
            "closed"),
        seen);
  }

  @Test
  void shouldSendTheLastReportOfAnInterruptedRankAndKeepTheInterruption() {
    ReportSender sender = ReportSender.start(sink(() -> {}), LONG, 3);
    Thread.currentThread().interrupt();
    try {
      sender.postLast(REPORT);
      assertTrue(Thread.currentThread().isInterrupted());
    } finally {
      sender.close();
    }

    assertTrue(Thread.interrupted());
    assertEquals(List.of(REPORT + " on shardfire-reports-rank-3", "closed"), seen);
  }

  @Test
  void shouldFailTheRankWhenTheDriverTakesNothing() {
    ReportSender sender = ReportSender.start(sink(this::awaitGate), SHORT, 0, 1);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> {
              for (int i = 0; i < 3; i++) {
                sender.post(REPORT);
              }
            });
    assertTrue(e.getMessage().startsWith("The driver has not taken a report for"), e.getMessage());
    gate.countDown();
  }

  @Test
  void shouldTellTheRankThatTheDriverIsGone() {
    ReportSender sender =
        ReportSender.start(
            sink(
                () -> {
                  // Not before the rank has posted, or it would be told then.
                  awaitGate();
                  throw new IllegalArgumentException("connection refused");
                }),
            LONG,
            0);
    sender.post(REPORT);
    gate.countDown();

    IllegalStateException e = assertThrows(IllegalStateException.class, sender::close);
    assertEquals("The driver cannot be reached", e.getMessage());
    assertEquals("connection refused", e.getCause().getMessage());
    assertEquals(List.of("closed"), seen);
  }

  @Test
  void shouldCloseTheSinkWhenTheRankKnowsAlready() {
    ReportSender sender = ReportSender.start(refusing(), LONG, 0);
    assertThrows(IllegalStateException.class, () -> postForEver(sender));

    assertThrows(IllegalStateException.class, sender::close);
    assertEquals(List.of("closed"), seen);
  }

  private ReportSink refusing() {
    return sink(
        () -> {
          throw new IllegalArgumentException("connection refused");
        });
  }

  private static void postForEver(ReportSender sender) {
    while (true) {
      sender.post(REPORT);
    }
  }
}
