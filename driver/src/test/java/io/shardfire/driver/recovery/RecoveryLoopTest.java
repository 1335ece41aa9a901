package io.shardfire.driver.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.shardfire.driver.plan.RankPlan;
import io.shardfire.driver.plan.RecoveryConfiguration;
import io.shardfire.driver.report.FailureKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RecoveryLoopTest {
  private static final Failure LOST =
      new Failure.ExecutorLost(
          OptionalInt.of(1), "1", "h", new ExitReason("Command exited with code 137"));
  private static final Failure DIVERGED =
      new Failure.RankFailed(
          0, "h", "0", FailureKind.REQUEST, "TrainingException", "not finite: step=3", "");

  /** What happens, in order, as a readable trace. */
  private final List<String> trace = new ArrayList<>();

  private final Deque<GenerationEnd<String>> ends = new ArrayDeque<>();
  private final Deque<Long> checkpoints = new ArrayDeque<>();
  private int slots = 4;
  private boolean cancelled;

  private RunEnd<String> run(RecoveryConfiguration configuration, boolean resume) {
    RecoveryListener listener =
        new RecoveryListener() {
          @Override
          public void onFailure(Generation generation, Failure failure) {
            trace.add("failed " + generation.number());
          }

          @Override
          public void onWait(int ranks, Duration timeout) {
            trace.add("wait for " + ranks + " up to " + timeout.toSeconds() + "s");
          }

          @Override
          public void onRestart(Generation generation, long fromStep, int attempt) {
            trace.add("restart from " + fromStep + ", attempt " + attempt);
          }
        };
    return new RecoveryLoop<>(
            configuration,
            new RankPlan(4, 8),
            generation -> {
              trace.add(
                  "run "
                      + generation.number()
                      + " on "
                      + generation.ranks()
                      + (generation.resume() ? ", resumed" : ""));
              return ends.remove();
            },
            (ranks, timeout) -> Math.min(slots, ranks),
            checkpoints::remove,
            () -> cancelled,
            listener)
        .run(resume);
  }

  private void fail(Failure failure) {
    ends.add(new GenerationEnd.Failed<>(failure, Optional.empty()));
  }

  private void complete() {
    ends.add(new GenerationEnd.Completed<>("done"));
  }

  @Test
  void shouldRunOnceWhenNothingFails() {
    checkpoints.add(-1L);
    complete();

    assertEquals(new RunEnd.Completed<>("done", 0), run(RecoveryConfiguration.DEFAULT, false));
    assertEquals(List.of("run 0 on 4"), trace);
  }

  @Test
  void shouldGoOnFromTheNewestCheckpoint() {
    checkpoints.addAll(List.of(-1L, 100L));
    fail(LOST);
    complete();

    assertEquals(new RunEnd.Completed<>("done", 1), run(RecoveryConfiguration.DEFAULT, false));
    assertEquals(
        List.of(
            "run 0 on 4",
            "failed 0",
            "wait for 4 up to 120s",
            "restart from 100, attempt 1",
            "run 1 on 4, resumed"),
        trace);
  }

  @Test
  void shouldNotRetryWhatWouldHappenAgain() {
    checkpoints.addAll(List.of(-1L, 100L));
    fail(DIVERGED);

    RunEnd<String> end = run(RecoveryConfiguration.DEFAULT, false);

    assertEquals(
        new RunEnd.GivenUp<>(DIVERGED, "It would happen again, so the run is not restarted"), end);
    assertEquals(List.of("run 0 on 4", "failed 0"), trace);
  }

  @Test
  void shouldGiveUpAfterRestartsWithoutProgress() {
    checkpoints.addAll(List.of(50L, 50L, 50L, 50L));
    fail(LOST);
    fail(LOST);
    fail(LOST);

    RunEnd<String> end = run(new RecoveryConfiguration(2, false, 1), true);

    assertEquals(
        new RunEnd.GivenUp<>(
            LOST, "No newer checkpoint after 2 restarts in a row, and recovery.maxRestarts=2"),
        end);
    assertEquals("run 0 on 4, resumed", trace.get(0));
  }

  @Test
  void shouldCountAnewAfterProgress() {
    checkpoints.addAll(List.of(-1L, -1L, 50L, 50L, 100L));
    for (int i = 0; i < 4; i++) {
      fail(LOST);
    }
    complete();

    assertEquals(
        new RunEnd.Completed<>("done", 4), run(new RecoveryConfiguration(2, false, 1), false));
    assertEquals(
        List.of(
            "restart from 0, attempt 1",
            "restart from 50, attempt 1",
            "restart from 50, attempt 2",
            "restart from 100, attempt 1"),
        trace.stream().filter(line -> line.startsWith("restart")).toList());
  }

  @Test
  void shouldTakeFewerRanksWhereThatIsAllowedAndPossible() {
    checkpoints.addAll(List.of(-1L, 10L));
    slots = 3;
    fail(LOST);
    complete();

    run(new RecoveryConfiguration(1, true, 1), false);

    // Three ranks cannot share eight logical shards.
    assertEquals("run 1 on 2, resumed", trace.get(trace.size() - 1));
  }

  @Test
  void shouldGiveUpWhenExecutorsStayAway() {
    checkpoints.addAll(List.of(-1L, 10L));
    slots = 3;
    fail(LOST);

    RunEnd.GivenUp<?> end =
        assertInstanceOf(RunEnd.GivenUp.class, run(new RecoveryConfiguration(1, false, 7), false));

    assertEquals(LOST, end.failure());
    assertEquals(
        "Only 3 of 4 ranks found a place within recovery.replacementTimeoutSeconds=7;"
            + " recovery.allowFewerRanks=true would go on with fewer",
        end.reason());
  }

  @Test
  void shouldNotStartBesideRanksThatDoNotEnd() {
    checkpoints.addAll(List.of(-1L, 10L));
    ends.add(new GenerationEnd.Failed<>(LOST, Optional.of("Ranks have not ended")));

    assertEquals(
        new RunEnd.GivenUp<>(LOST, "Ranks have not ended"),
        run(RecoveryConfiguration.DEFAULT, false));
  }

  @Test
  void shouldEndQuietlyWhenCancelled() {
    checkpoints.add(-1L);
    cancelled = true;

    assertInstanceOf(RunEnd.Cancelled.class, run(RecoveryConfiguration.DEFAULT, false));
    assertEquals(List.of(), trace);
  }
}
