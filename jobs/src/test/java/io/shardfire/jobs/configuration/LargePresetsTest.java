package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.plan.RankHeap;
import io.shardfire.worker.train.MemoryPlan;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of more parameters than one array holds, planned for 1 to 16 ranks. */
class LargePresetsTest {
  private static final long GIBI = 1L << 30;

  /**
   * The parameters are those that the models' authors count.
   *
   * @param one GiB of heap that a rank alone needs for sequences of the whole context, one at a
   *     time
   * @param sixteen GiB that each of 16 ranks needs
   */
  @ParameterizedTest
  @CsvSource({
    "gpt2-large, 50257,  774030080,  17, 14",
    "llama-1.1b, 32000, 1100048384,  25, 21",
    "gpt2-xl,    50257, 1557611200,  32, 26",
    "llama-7b,   32000, 6738415616, 148, 122"
  })
  void shouldPlanForOneToSixteenRanks(
      String preset, int vocabulary, long parameters, int one, int sixteen) {
    long before = Long.MAX_VALUE;
    for (int ranks : new int[] {1, 2, 4, 8, 16}) {
      MemoryPlan replicated = plan(preset, vocabulary, 0, ranks);
      MemoryPlan sharded = plan(preset, vocabulary, 1, ranks);
      assertEquals(parameters, sharded.parameters());
      assertNear(16 * parameters, state(replicated));
      assertNear(8 * parameters + 8 * parameters / ranks, state(sharded));
      assertTrue(state(sharded) < before);
      before = state(sharded);
    }
    assertEquals(
        List.of(one, sixteen),
        List.of(
            gibibytes(plan(preset, vocabulary, 1, 1)), gibibytes(plan(preset, vocabulary, 1, 16))),
        plan(preset, vocabulary, 1, 1).toString());
  }

  private static MemoryPlan plan(String preset, int vocabulary, int zeroStage, int ranks) {
    List<String> settings =
        List.of(
            "model.preset=" + preset,
            "model.vocabularySize=" + vocabulary,
            "training.zeroStage=" + zeroStage,
            "training.microBatch=1",
            "training.accumulation=1",
            "training.logicalShards=0",
            "training.checkpointEvery=0");
    RunConfiguration run =
        RunConfigurationReader.read(Optional.empty(), settings, Collections.emptySortedMap());
    return MemoryPlan.of(run.model(), run.training(), ranks);
  }

  private static int gibibytes(MemoryPlan plan) {
    return (int) ((new RankHeap(0, 1, "unused").needed(plan, false) + GIBI - 1) / GIBI);
  }

  private static long state(MemoryPlan plan) {
    return plan.parameterBytes() + plan.gradientBytes() + plan.optimizerBytes();
  }

  /** Padding and alignment are below a hundredth. */
  private static void assertNear(long expected, long actual) {
    assertTrue(actual >= expected && actual <= expected * 1.01, actual + " for " + expected);
  }
}
