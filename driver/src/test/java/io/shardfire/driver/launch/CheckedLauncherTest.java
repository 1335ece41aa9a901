package io.shardfire.driver.launch;

import static io.shardfire.driver.plan.SampleRun.computing;
import static io.shardfire.driver.plan.SampleRun.executor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.plan.ComputeIdentity;
import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.RankHeap;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.plan.SampleRun;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.GenerationEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class CheckedLauncherTest {
  private static final ComputeIdentity SAME = computing("aaaa");

  private final List<Integer> launched = new ArrayList<>();
  private final RunPlan plan = SampleRun.plan(4, needed(2));

  private static long needed(int ranks) {
    return new RankHeap(0, 1, "x").needed(SampleRun.plan(ranks, 0).memory(), false);
  }

  private GenerationEnd<String> run(
      Generation generation, IntFunction<List<ExecutorReport>> survey) {
    return new CheckedLauncher<>(
            started -> {
              launched.add(started.ranks());
              return new GenerationEnd.Completed<>("done");
            },
            plan,
            Map.of("spark.master", "yarn"),
            executors(4, plan.heap().bytes(), SAME),
            survey)
        .run(generation);
  }

  private static List<ExecutorReport> executors(int ranks, long heap, ComputeIdentity compute) {
    List<ExecutorReport> reports = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      reports.add(executor(Integer.toString(rank), heap, compute));
    }
    return reports;
  }

  private static Failure.NotStarted notStarted(GenerationEnd<String> end) {
    return assertInstanceOf(
        Failure.NotStarted.class, assertInstanceOf(GenerationEnd.Failed.class, end).failure());
  }

  @Test
  void shouldStartTheFirstGenerationWithoutAnotherLook() {
    run(
        new Generation(0, 4, false),
        ranks -> {
          throw new AssertionError("looked");
        });
    assertEquals(List.of(4), launched);
  }

  @Test
  void shouldStartFewerRanksThatTheirExecutorsHold() {
    run(new Generation(1, 2, true), ranks -> executors(ranks, plan.heap().bytes(), SAME));
    assertEquals(List.of(2), launched);
  }

  @Test
  void shouldGiveUpWhenFewerRanksNeedMoreThanTheSettingsPromise() {
    assertTrue(needed(1) > needed(2), "fewer ranks need more memory each");
    Failure.NotStarted failure =
        notStarted(
            run(
                new Generation(1, 1, true),
                ranks -> {
                  throw new AssertionError("looked, though the settings tell");
                }));

    assertEquals(List.of(), launched);
    assertEquals(false, failure.worthRetrying());
    assertTrue(
        failure
            .headline()
            .startsWith(
                "The run cannot go on with the executors that are there: ranks=1\n"
                    + "  - The ranks of a Java process need more memory than it has: ranks=1,"
                    + " needed="
                    + RankHeap.mebibytes(needed(1))
                    + " MiB, heap="
                    + RankHeap.mebibytes(needed(2))
                    + " MiB, "),
        failure.headline());
    assertTrue(failure.headline().contains("Raise spark.executor.memory to "), failure.headline());
  }

  @Test
  void shouldGiveUpWhenAnExecutorHasLessThanTheSettingsPromise() {
    Failure.NotStarted failure =
        notStarted(run(new Generation(1, 2, true), ranks -> executors(ranks, needed(2) - 1, SAME)));

    assertEquals(List.of(), launched);
    assertTrue(
        failure
            .headline()
            .contains(
                "An executor has too little memory for its ranks: executor=1, host=h1, ranks=1,"),
        failure.headline());
  }

  @Test
  void shouldGiveUpWhenAReplacementComputesOtherBits() {
    List<ExecutorReport> now = executors(3, plan.heap().bytes(), SAME);
    now.add(executor("9", plan.heap().bytes(), computing("bbbb")));
    Failure.NotStarted failure = notStarted(run(new Generation(1, 4, true), ranks -> now));
    assertEquals(false, failure.worthRetrying());
    assertTrue(
        failure.headline().contains("fingerprint=bbbb on executor 9 (h9)"), failure.headline());
  }

  /** They agree with each other, and not with those that wrote the checkpoint. */
  @Test
  void shouldGiveUpWhenAllReplacementsComputeOtherBits() {
    Failure.NotStarted failure =
        notStarted(
            run(
                new Generation(1, 2, true),
                ranks ->
                    List.of(
                        executor("8", plan.heap().bytes(), computing("bbbb")),
                        executor("9", plan.heap().bytes(), computing("bbbb")))));
    assertTrue(
        failure.headline().contains("fingerprint=bbbb on executor 8 (h8), 9 (h9)"),
        failure.headline());
  }

  @Test
  void shouldTryAgainWhenTheExecutorsCannotBeChecked() {
    Failure.NotStarted failure =
        notStarted(
            run(
                new Generation(2, 2, true),
                ranks -> {
                  throw new PretrainingException(
                      "The executors cannot be checked: executor 1 is gone", null);
                }));
    assertEquals("The executors cannot be checked: executor 1 is gone", failure.headline());
    assertEquals(true, failure.worthRetrying());
    assertEquals(List.of(), launched);
  }
}
