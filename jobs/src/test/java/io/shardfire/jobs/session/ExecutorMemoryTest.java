package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RankHeap;
import io.shardfire.driver.plan.RecoveryConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.train.TrainingConfiguration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorMemoryTest {
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

  @TempDir Path data;

  /** What a plan needs of a corpus: the size of its vocabulary. */
  @BeforeEach
  void writeIndex() {
    new TokenIndex(
            TokenIndex.VERSION,
            "char",
            101,
            "0".repeat(64),
            "a text",
            CorpusContent.TEXT,
            List.of())
        .write(new Configuration(), new org.apache.hadoop.fs.Path(data.toUri()));
  }

  @Test
  void shouldFollowThePlanOfSoManyRanks() {
    assertNotEquals(
        heap(1, Map.of("spark.master", "yarn")), heap(2, Map.of("spark.master", "yarn")));
    for (int ranks : List.of(1, 2)) {
      assertEquals(
          RankHeap.executorMebibytes(asked(0), ranks, new Configuration(), false) + "m",
          heap(0, Map.of("spark.master", "yarn", "spark.executor.instances", "" + ranks)));
    }
    assertEquals(
        heap(0, Map.of("spark.master", "yarn", "spark.executor.instances", "2")),
        heap(2, Map.of("spark.master", "spark://head:7077")));
  }

  @Test
  void shouldHoldArenasTwiceWhereGpusAreAssigned() {
    Map<String, String> settings =
        Map.of("spark.master", "yarn", "spark.executor.resource.gpu.amount", "1");

    assertEquals(
        RankHeap.executorMebibytes(asked(2), 2, new Configuration(), true) + "m",
        heap(2, settings));
  }

  @Test
  void shouldLeaveRoomBesideTheHeap() {
    Map<String, String> planned = planned(9, Map.of("spark.master", "yarn"));
    int heap = RankHeap.executorMebibytes(asked(9), 9, new Configuration(), false);

    // Eight peers: four chunks of 1 MiB from each, and 32 to all of them.
    assertEquals(
        (512 + heap / 10 + 32 + 32) + "m",
        planned.get(ExecutorMemory.OVERHEAD),
        planned.toString());
  }

  @Test
  void shouldLeaveToOthersWhatIsGivenOrNotKnown() {
    Map<String, String> none = Map.of();
    assertEquals(none, planned(2, Map.of("spark.master", "yarn", ExecutorMemory.HEAP, "9g")));
    assertEquals(none, planned(2, Map.of("spark.master", "local[2]")));
    assertEquals(none, planned(2, Map.of("spark.master", "local-cluster[2,1,1024]")));
    assertEquals(none, planned(0, Map.of("spark.master", "spark://head:7077")));
    for (String key :
        List.of(
            ExecutorMemory.OVERHEAD,
            "spark.executor.memoryOverheadFactor",
            "spark.kubernetes.memoryOverheadFactor")) {
      assertEquals(
          Set.of(ExecutorMemory.HEAP),
          planned(2, Map.of("spark.master", "yarn", key, "1")).keySet(),
          key);
    }
  }

  private String heap(int ranks, Map<String, String> settings) {
    return planned(ranks, settings).get(ExecutorMemory.HEAP);
  }

  private SortedMap<String, String> planned(int ranks, Map<String, String> settings) {
    return ExecutorMemory.planned(new TreeMap<>(settings), asked(ranks), new Configuration());
  }

  private PretrainConfiguration asked(int ranks) {
    return new PretrainConfiguration(
        ModelConfiguration.decoder(4, 4, 1024, 64).build(),
        TRAINING,
        data.toString(),
        data.resolve("run").toString(),
        "",
        "auto",
        new ClusterConfiguration(ranks, 120, 300, 5, 1 << 20, true, "0"),
        RecoveryConfiguration.DEFAULT,
        ExistingRun.REFUSE,
        List.of(),
        false,
        "");
  }
}
