package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Time passes only while a call blocks, by {@link #block}. */
class BlockingCallsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final List<String> printed = new ArrayList<>();
  private final BlockingCalls calls =
      new BlockingCalls(printed::add, () -> this.nanos, this::start);
  private long nanos = Long.MAX_VALUE - 1;
  private Runnable tick = () -> {};
  private boolean ticking;
  private String awaited = "the first";

  private Runnable start(Runnable task) {
    tick = task;
    ticking = true;
    return () -> ticking = false;
  }

  private String block(int seconds) {
    for (int i = 0; i < seconds; i++) {
      nanos += 1_000_000_000L;
      tick.run();
    }
    return "done";
  }

  /** As Spark and Hadoop do when their thread is interrupted. */
  private String blockUntilInterrupted(int seconds) throws IOException {
    for (int i = 0; i < seconds; i++) {
      block(1);
      if (Thread.interrupted()) {
        throw new IOException("interrupted in second " + (i + 1));
      }
    }
    return "done";
  }

  private BlockingCalls.Deadline deadline() {
    return BlockingCalls.Deadline.interrupting(TIMEOUT, "cluster.startTimeoutSeconds");
  }

  @Test
  void shouldSayNothingOfAShortCall() {
    assertEquals("done", calls.run("Spark", () -> block(4)));

    assertEquals(List.of(), printed);
    assertFalse(ticking);
  }

  @Test
  void shouldSayWhatBlocksAtGrowingIntervals() {
    assertEquals("done", calls.run("the run folder: run=hdfs://nn/r", () -> block(25)));

    assertEquals(
        List.of(
            "waiting for the run folder: run=hdfs://nn/r: 5.0s so far",
            "waiting for the run folder: run=hdfs://nn/r: 10s so far",
            "waiting for the run folder: run=hdfs://nn/r: 20s so far"),
        printed);
  }

  @Test
  void shouldWaitAnewForWhatIsWaitedForNext() {
    calls.run(
        () -> awaited,
        () -> {
          block(6);
          awaited = "the second";
          block(5);
          awaited = "the third";
          return block(6);
        });

    assertEquals(
        List.of("waiting for the first: 5.0s so far", "waiting for the third: 5.0s so far"),
        printed);
  }

  @Test
  void shouldEndTheCallAtItsDeadlineAndSayWhatItWaitedFor() {
    WaitTimeoutException e =
        assertThrows(
            WaitTimeoutException.class,
            () -> calls.run("Spark to start", deadline(), () -> blockUntilInterrupted(1000)));

    assertEquals(
        "Gave up after 1m00s (cluster.startTimeoutSeconds=60) waiting for Spark to start",
        e.getMessage());
    assertEquals("interrupted in second 60", e.getCause().getMessage());
    assertEquals(
        "waiting for Spark to start: 40s so far; giving up in 20s"
            + " (cluster.startTimeoutSeconds=60)",
        printed.get(printed.size() - 1));
    assertFalse(ticking);
  }

  /** Hadoop's Shell, for one, logs an interrupt and goes on. */
  @Test
  void shouldInterruptAgainWhereALibraryHasSwallowedTheInterrupt() {
    WaitTimeoutException e =
        assertThrows(
            WaitTimeoutException.class,
            () ->
                calls.run(
                    "Spark",
                    deadline(),
                    () -> {
                      block(60);
                      assertTrue(Thread.interrupted());
                      return blockUntilInterrupted(10);
                    }));

    assertEquals("interrupted in second 1", e.getCause().getMessage());
  }

  /** The interrupt is meant for the call, not for what its thread does next. */
  @Test
  void shouldTakeTheInterruptBackFromACallThatSucceededLate() {
    assertEquals("done", calls.run("Spark", deadline(), () -> block(61)));

    assertFalse(Thread.interrupted());
  }

  @Test
  void shouldLeaveOtherInterruptsAlone() {
    calls.run(
        "Spark",
        deadline(),
        () -> {
          Thread.currentThread().interrupt();
          return block(1);
        });

    assertTrue(Thread.interrupted());
  }

  @Test
  void shouldPassOnWhatFailsBeforeTheDeadline() {
    IOException failure = new IOException("no such host");

    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                calls.run(
                    "Spark",
                    deadline(),
                    () -> {
                      block(59);
                      throw failure;
                    }));

    assertSame(failure, thrown);
    assertFalse(ticking);
  }
}
