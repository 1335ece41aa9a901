package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.worker.architecture.ModelConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps of several ranks without a corpus or checkpoints. */
class TrainingStepTest {
  @Test
  void shouldGiveTheSameBitsForEveryWorldSizeAndStage() {
    TrainingTrace.requireSameForEveryWorldSizeAndStage(t -> {});
  }

  @Test
  void shouldSumThreeShardsInTheTreeOfThreeRanks() {
    Consumer<TrainingBuilder> threeShards = t -> t.logicalShards(3);
    assertEquals(TrainingTrace.run(1, threeShards), TrainingTrace.run(3, threeShards));
  }

  @Test
  void shouldAccumulateAlikeForEveryWorldSize() {
    Consumer<TrainingBuilder> passes = t -> t.accumulation(3);
    assertEquals(TrainingTrace.run(1, passes), TrainingTrace.run(2, passes));
  }

  @Test
  void shouldSumSevenShardsInTheTreeOfSevenRanks() {
    Consumer<TrainingBuilder> sevenShards = t -> t.logicalShards(7);
    assertEquals(TrainingTrace.run(1, sevenShards), TrainingTrace.run(7, sevenShards));
  }

  @Test
  void shouldStartAfreshInTheMemoryOfAnEarlierRun() {
    assertEquals(TrainingTrace.run(2, t -> {}), TrainingTrace.run(2, t -> {}));
  }

  /**
   * The largest unit has 13,312 floats on one rank and 16,384 on four. On one rank there are two
   * levels of set-aside gradients too, and the arenas are more than the fewest that kernels take.
   */
  @ParameterizedTest
  @CsvSource({"1,1", "2,0", "4,1"})
  void shouldGiveTheSameBitsInPages(int worldSize, int zeroStage) {
    Consumer<TrainingBuilder> change =
        training -> {
          training.logicalShards(4);
          training.accumulation(2);
          training.zeroStage(zeroStage);
        };
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    PageSize size = new PageSize(20_000);
    RankMemoryLayout paged =
        RankMemoryLayout.of(TrainingTrace.MODEL, training.build(), worldSize, size);
    for (MemoryRole role : List.of(MemoryRole.PARAMETERS, MemoryRole.ACTIVATIONS)) {
      assertTrue(paged.pages().get(role).floats().size() > 1, role + " of one page");
    }
    assertEquals(TrainingTrace.run(worldSize, change), TrainingTrace.run(worldSize, change, size));
  }

  @Test
  void shouldClipTheGlobalNorm() {
    TrainingTrace clipped = TrainingTrace.run(1, t -> t.clipNorm(1e-3f));
    TrainingTrace free = TrainingTrace.run(1, t -> t.clipNorm(0));
    assertEquals(free.steps().get(0), clipped.steps().get(0));
    assertTrue(free.weights() != clipped.weights());
  }

  @Test
  void shouldKeepItsMemoryUntilTheRankHasLeftTheGroup() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    // No other test has arenas of these sizes.
    ModelConfiguration odd = ModelConfiguration.decoder(1, 1, 24, 11).vocabularySize(53).build();
    Communicator communicator = InProcessGroup.of(1, Duration.ofMinutes(1)).communicator(0);
    TrainingStep step =
        new TrainingStep(
            odd,
            TestTraining.usual().build(),
            compute,
            communicator,
            (completed, shard, pass, fields) -> {});
    RankMemory memory = step.memory();

    step.close();
    // After a failure, the network may still write there.
    assertNotSame(memory.device(), RankMemoryPool.take(compute, step.layout()).device());

    communicator.close();
    assertSame(memory.device(), RankMemoryPool.take(compute, step.layout()).device());
  }
}
