package io.shardfire.driver.plan;

import static io.shardfire.driver.plan.SampleRun.computing;
import static io.shardfire.driver.plan.SampleRun.executor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExecutorChecksTest {
  private static final long GIB = 1L << 30;
  private static final Map<String, String> STANDALONE = Map.of("spark.master", "spark://m:7077");
  private static final Map<String, String> LOCAL = Map.of("spark.master", "local[2]");
  private static final ComputeIdentity SAME = computing("aaaa");

  private static List<String> problems(
      Map<String, String> spark, RunPlan plan, ExecutorReport... reports) {
    return ExecutorChecks.problems(spark, Optional.of(plan), List.of(reports)).stream()
        .map(Problem::toString)
        .toList();
  }

  private static ExecutorReport rankOf(String id, long process, long heap, int cores) {
    return new ExecutorReport("h", id, process, heap, cores, SAME, new ArrayList<>());
  }

  private static ComputeIdentity with(String driver, String form, int lanes, String fingerprint) {
    return new ComputeIdentity(
        "cpu-a",
        driver,
        false,
        form,
        lanes,
        "vectors",
        "shipped defaults",
        "avx2",
        "17",
        "1",
        fingerprint);
  }

  @Test
  void shouldAcceptExecutorsThatAreAlike() {
    assertEquals(
        List.of(),
        problems(
            STANDALONE,
            SampleRun.plan(2, 4 * GIB),
            executor("0", 4 * GIB, SAME),
            executor("1", 4 * GIB, SAME)));
  }

  @Test
  void shouldAcceptOtherSizesThatChangeNoBit() {
    ComputeIdentity other =
        new ComputeIdentity(
            "cpu-b",
            "PoCL 5",
            false,
            "cpu",
            8,
            "pairs",
            "own record",
            "avx512f",
            "21",
            "1",
            "aaaa");
    assertEquals(
        List.of(),
        problems(
            STANDALONE,
            SampleRun.plan(2, 4 * GIB),
            executor("0", 4 * GIB, SAME),
            executor("1", 4 * GIB, other)));
  }

  /** Separate processes of one host are not one process, whatever their numbers elsewhere are. */
  @Test
  void shouldRefuseAProcessThatGotSeveralRanks() {
    assertEquals(
        List.of(
            "A rank must have its executor to itself, and one Java process got several:"
                + " executor=7, host=h, process=40, cores=8, ranks=2. Set spark.executor.cores=4"
                + " and spark.task.cpus=4 to give each an executor, or spark.task.cpus=8 for one rank"
                + " here; without spark.executor.cores, a standalone worker gives one executor all"
                + " its cores."),
        problems(
            STANDALONE,
            SampleRun.plan(4, 8 * GIB),
            rankOf("7", 40, 8 * GIB, 8),
            rankOf("7", 40, 8 * GIB, 8),
            rankOf("8", 41, 8 * GIB, 8),
            executor("9", 8 * GIB, SAME)));
  }

  @Test
  void shouldLetRanksOfALocalMasterShareTheProcess() {
    assertEquals(
        List.of(),
        problems(
            LOCAL,
            SampleRun.plan(2, 4 * GIB),
            rankOf("driver", 40, 4 * GIB, 1),
            rankOf("driver", 40, 4 * GIB, 1)));
  }

  /** The settings promise each rank enough; two ranks in one process have half of it. */
  @Test
  void shouldCompareTheHeapThatAProcessReportsWithItsRanks() {
    RunPlan plan = SampleRun.plan(2, 4 * GIB);
    long two = new RankHeap(0, 2, "x").needed(plan.memory(), false);
    List<String> problems =
        problems(STANDALONE, plan, rankOf("7", 40, two - 1, 2), rankOf("7", 40, two - 1, 2));

    assertEquals(2, problems.size(), problems.toString());
    assertEquals(
        "An executor has too little memory for its ranks: executor=7, host=h, ranks=2, needed="
            + RankHeap.mebibytes(two)
            + " MiB, heap="
            + RankHeap.mebibytes(two - 1)
            + " MiB, activations of a rank="
            + RankHeap.mebibytes(plan.memory().activationBytes())
            + " MiB, gradients="
            + RankHeap.mebibytes(plan.memory().gradientBytes() + plan.memory().receiveBytes())
            + " MiB. Raise spark.executor.memory to "
            + RankHeap.mebibytes(two)
            + "m, lower training.microBatch, or set training.recompute=true or training.activations=bf16.",
        problems.get(1));
    assertEquals(
        1, problems(STANDALONE, plan, rankOf("7", 40, two, 2), rankOf("7", 40, two, 2)).size());
  }

  @Test
  void shouldSayWhatPackedWeightsTakeOfAHeapThatIsTooSmall() {
    RunPlan plan = SampleRun.plan(2, 4 * GIB, Precision.BF16);
    String problem = problems(STANDALONE, plan, executor("0", GIB / 2, SAME)).get(0);
    assertTrue(
        problem.endsWith(
            "m, lower training.microBatch, or set training.recompute=true,"
                + " training.packedWeights=false, which saves "
                + RankHeap.mebibytes(plan.memory().packedWeightBytes())
                + " MiB, or training.activations=bf16."),
        problem);
  }

  @Test
  void shouldNotSayTwiceThatTheSettingsGiveTooLittle() {
    RunPlan plan = SampleRun.plan(2, GIB / 2);
    assertEquals(List.of(), problems(STANDALONE, plan, executor("0", GIB / 2, SAME)));
  }

  @Test
  void shouldCountTheArraysBesideADeviceWithMemoryOfItsOwn() {
    RunPlan plan = SampleRun.plan(2, 4 * GIB);
    ComputeIdentity gpu =
        new ComputeIdentity(
            "gpu-a", "d", true, "gpu", 1, "vectors", "shipped defaults", "", "17", "1", "aa");
    long shared = new RankHeap(0, 1, "x").needed(plan.memory(), false);
    long both = new RankHeap(0, 1, "x").needed(plan.memory(), true);
    assertNotEquals(shared, both);
    assertEquals(List.of(), problems(STANDALONE, plan, executor("0", both, gpu)));
    String problem = problems(STANDALONE, plan, executor("0", both - 1, gpu)).get(0);
    assertEquals(
        "; the device has memory of its own, and the heap holds its side of the arrays too:"
            + " device=gpu-a. Raise spark.executor.memory to "
            + RankHeap.mebibytes(both)
            + "m, lower training.microBatch, or set training.recompute=true or training.activations=bf16.",
        problem.substring(problem.indexOf(';')));
  }

  @Test
  void shouldRefuseVectorsOfDifferentWidths() {
    assertEquals(
        List.of(
            "The executors do not compute the same bits: lanes=16 on executor 1 (h1), lanes=8 on"
                + " executor 0 (h0), 2 (h2). Add -Dshardfire.kernels.lanes=8 to"
                + " spark.executor.extraJavaOptions."),
        problems(
            STANDALONE,
            SampleRun.plan(4, 4 * GIB),
            executor("0", 4 * GIB, with("d", "cpu", 8, "aa")),
            executor("1", 4 * GIB, with("d", "cpu", 16, "bb")),
            executor("2", 4 * GIB, with("e", "cpu", 8, "aa"))));
  }

  @Test
  void shouldRefuseOtherFormsOfTheKernels() {
    assertEquals(
        List.of(
            "The executors do not compute the same bits: form=cpu on executor 0 (h0), form=gpu on"
                + " executor 1 (h1); lanes=1 on executor 1 (h1), lanes=8 on executor 0 (h0). Set"
                + " device=cpu or device=gpu, or -Dshardfire.kernels.form=cpu in"
                + " spark.executor.extraJavaOptions. Add -Dshardfire.kernels.lanes=8 to"
                + " spark.executor.extraJavaOptions."),
        problems(
            STANDALONE,
            SampleRun.plan(2, 4 * GIB),
            executor("0", 4 * GIB, with("d", "cpu", 8, "aa")),
            executor("1", 4 * GIB, with("d", "gpu", 1, "bb"))));
  }

  @Test
  void shouldExplainOtherResultsOfEqualKernels() {
    assertEquals(
        List.of(
            "The executors do not compute the same bits: fingerprint=aa on executor 0 (h0),"
                + " fingerprint=bb on executor 1 (h1); driver=PoCL 3 on executor 0 (h0),"
                + " driver=PoCL 5 on executor 1 (h1). Install one driver version on all hosts."),
        problems(
            STANDALONE,
            SampleRun.plan(2, 4 * GIB),
            executor("0", 4 * GIB, with("PoCL 3", "cpu", 8, "aa")),
            executor("1", 4 * GIB, with("PoCL 5", "cpu", 8, "bb"))));
    assertEquals(
        List.of(
            "The executors do not compute the same bits: fingerprint=aa on executor 0 (h0),"
                + " fingerprint=bb on executor 1 (h1). Run 'shardfire doctor' on these hosts: one"
                + " of them may compute wrongly."),
        problems(
            STANDALONE,
            SampleRun.plan(2, 4 * GIB),
            executor("0", 4 * GIB, computing("aa")),
            executor("1", 4 * GIB, computing("bb"))));
  }

  @Test
  void shouldLeaveExecutorsWithoutADeviceToTheirOwnProblem() {
    assertEquals(
        List.of(),
        problems(
            STANDALONE,
            SampleRun.plan(2, 4 * GIB),
            executor("0", 4 * GIB, SAME),
            executor("1", 4 * GIB, ComputeIdentity.NONE)));
  }
}
