package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RankHeapTest {
  private static final long MEBI = 1L << 20;

  private static final TrainingConfiguration TRAINING =
      TrainingConfiguration.standard()
          .steps(100)
          .microBatch(2)
          .logicalShards(4)
          .seed(1)
          .learningRate(1e-3f)
          .minimumLearningRate(1e-4f)
          .warmupSteps(10)
          .evaluateEvery(50)
          .evaluationBatches(2)
          .checkpointEvery(50)
          .build();

  private static final MemoryPlan PLAN =
      new MemoryPlan(
          0,
          500 * MEBI,
          300 * MEBI,
          100 * MEBI,
          50 * MEBI,
          10 * MEBI,
          25 * MEBI,
          12 * MEBI,
          3 * MEBI);

  @TempDir Path data;

  @Test
  void shouldHoldThePlanWithATenthAndRoomBeside() {
    assertEquals((1100 + 640) * MEBI, new RankHeap(0, 1, "x").needed(PLAN, false));
    assertEquals((3300 + 640) * MEBI, new RankHeap(0, 3, "x").needed(PLAN, false));
  }

  @Test
  void shouldHoldArenasTwiceBesideADeviceWithMemoryOfItsOwn() {
    assertEquals((1100 + 1056 + 640) * MEBI, new RankHeap(0, 1, "x").needed(PLAN, true));
  }

  @Test
  void shouldPassItsOwnCheck() throws IOException {
    SampleCorpus.write(data, 5000, 100);
    PretrainConfiguration configuration = configuration(1024, 4, 0);

    int mebibytes = RankHeap.executorMebibytes(configuration, 2, new Configuration(), false);

    assertTrue(mebibytes > 1024 && mebibytes % 128 == 0, "MiB=" + mebibytes);
    int besideDevice = RankHeap.executorMebibytes(configuration, 2, new Configuration(), true);
    assertTrue(besideDevice > mebibytes + (mebibytes - 640) / 2, "MiB=" + besideDevice);
    Map<String, String> spark =
        Map.of("spark.master", "local-cluster[2,1,1024]", "spark.executor.memory", mebibytes + "m");
    assertEquals(List.of(), heapProblems(configuration, RankHeap.of(spark, 2, 0)));
    RankHeap smaller = new RankHeap((mebibytes - 129) * MEBI, 1, "x");
    assertEquals(1, heapProblems(configuration, smaller).size());
  }

  private static List<Problem> heapProblems(PretrainConfiguration configuration, RankHeap heap) {
    List<Problem> problems = new ArrayList<>();
    MemoryChecks.check(
        MemoryPlan.of(configuration.model().withVocabularySize(101), configuration.training(), 2),
        heap,
        problems);
    return problems;
  }

  @Test
  void shouldTakeTheSmallestForSmallModels() throws IOException {
    SampleCorpus.write(data, 5000, 100);

    assertEquals(
        1024, RankHeap.executorMebibytes(configuration(32, 4, 0), 2, new Configuration(), false));
  }

  /** As where the corpus is made first, by the executors that will train. */
  @Test
  void shouldPlanANamedVocabularyWithoutACorpus() {
    assertEquals(
        3584,
        RankHeap.executorMebibytes(configuration(1024, 4, 50_257), 2, new Configuration(), false));
  }

  @Test
  void shouldLeaveWhatIsWrongToTheChecks() throws IOException {
    Configuration hadoop = new Configuration();
    assertEquals(1024, RankHeap.executorMebibytes(configuration(1024, 4, 0), 2, hadoop, false));
    Files.writeString(data.resolve("index.json"), "{");
    assertEquals(1024, RankHeap.executorMebibytes(configuration(1024, 4, 0), 2, hadoop, false));
    SampleCorpus.write(data, 5000, 100);
    assertEquals(1024, RankHeap.executorMebibytes(configuration(1024, 3, 0), 2, hadoop, false));
  }

  private PretrainConfiguration configuration(int width, int logicalShards, int vocabularySize) {
    return new PretrainConfiguration(
        ModelConfiguration.decoder(4, 4, width, 64).vocabularySize(vocabularySize).build(),
        TRAINING.with().logicalShards(logicalShards).build(),
        data.toString(),
        data.resolve("run").toString(),
        "",
        "auto",
        ClusterConfiguration.DEFAULT,
        RecoveryConfiguration.DEFAULT,
        ExistingRun.REFUSE,
        List.of(),
        false,
        "");
  }
}
