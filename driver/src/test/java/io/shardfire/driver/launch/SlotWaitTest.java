package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotWaitTest {
  private final List<String> printed = new ArrayList<>();
  private long nanos;
  private long seconds;
  private int slots;
  private long lastAt = Long.MAX_VALUE;
  private long cancelledAt = Long.MAX_VALUE;

  /** Each look takes half a second. */
  private int await(int ranks, Duration timeout) {
    SlotWait wait =
        new SlotWait(
            () -> slots,
            time -> {
              nanos += time.toNanos();
              seconds = nanos / 1_000_000_000;
              if (seconds >= lastAt) {
                slots = ranks;
              }
            },
            () -> seconds >= cancelledAt,
            () -> nanos,
            printed::add,
            "See the page: application=app-1");
    return wait.await(ranks, timeout, "cluster.startTimeoutSeconds");
  }

  @Test
  void shouldSayNothingOfAShortWait() {
    slots = 1;
    lastAt = 4;

    assertEquals(2, await(2, Duration.ofMinutes(5)));
    assertEquals(List.of(), printed);
  }

  @Test
  void shouldSayWhatIsAwaitedAtGrowingIntervals() {
    slots = 1;

    assertEquals(1, await(2, Duration.ofSeconds(100)));
    assertEquals(
        List.of(
            "waiting for executors: 1 of 2 ranks have a place after 5.0s; giving up in 1m35s"
                + " (cluster.startTimeoutSeconds=100). See the page: application=app-1",
            "waiting for executors: 1 of 2 ranks have a place after 10s; giving up in 1m30s"
                + " (cluster.startTimeoutSeconds=100). See the page: application=app-1",
            "waiting for executors: 1 of 2 ranks have a place after 20s; giving up in 1m20s"
                + " (cluster.startTimeoutSeconds=100). See the page: application=app-1",
            "waiting for executors: 1 of 2 ranks have a place after 40s; giving up in 1m00s"
                + " (cluster.startTimeoutSeconds=100). See the page: application=app-1",
            "waiting for executors: 1 of 2 ranks have a place after 1m20s; giving up in 20s"
                + " (cluster.startTimeoutSeconds=100). See the page: application=app-1"),
        printed);
  }

  @Test
  void shouldStopWhenCancelled() {
    cancelledAt = 7;

    assertEquals(0, await(1, Duration.ofSeconds(100)));
    assertEquals(7, seconds);
    assertEquals(
        List.of(
            "waiting for executors: 0 of 1 rank has a place after 5.0s; giving up in 1m35s"
                + " (cluster.startTimeoutSeconds=100). See the page: application=app-1"),
        printed);
  }
}
