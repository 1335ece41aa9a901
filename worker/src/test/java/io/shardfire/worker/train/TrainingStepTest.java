package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.random.CounterRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of several ranks without a corpus or checkpoints. */
class TrainingStepTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).vocabularySize(29).dropout(0.1f).build();

  /** Exact losses and norms of each step, and a digest of the weights. */
  private record Trace(List<String> steps, long weights) {}

  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldGiveTheSameBitsForEveryWorldSizeAndStage(Precision precision) {
    Consumer<TrainingBuilder> fourShards = t -> t.logicalShards(4).precision(precision);
    Trace expected = run(1, fourShards);
    assertEquals(expected, run(2, fourShards.andThen(t -> t.zeroStage(0))));
    assertEquals(expected, run(2, fourShards.andThen(t -> t.zeroStage(1))));
    assertEquals(expected, run(4, fourShards.andThen(t -> t.zeroStage(0))));
    assertEquals(expected, run(4, fourShards.andThen(t -> t.zeroStage(1))));
  }

  /** A processor without a matrix unit compares vectors with themselves here. */
  @Test
  void shouldGiveTheSameBitsByTilesAndByVectors() {
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    Consumer<TrainingBuilder> bf16 = t -> t.precision(Precision.BF16);
    Trace tiles = run(compute, 1, bf16, PageSize.configured());
    assertEquals(tiles, run(compute.withoutTiles(), 1, bf16, PageSize.configured()));
    assertNotEquals(tiles, run(compute, 1, t -> {}, PageSize.configured()));
  }

  @Test
  void shouldSumThreeShardsInTheTreeOfThreeRanks() {
    Consumer<TrainingBuilder> threeShards = t -> t.logicalShards(3);
    assertEquals(run(1, threeShards), run(3, threeShards));
  }

  @Test
  void shouldAccumulateAlikeForEveryWorldSize() {
    Consumer<TrainingBuilder> passes = t -> t.accumulation(3);
    assertEquals(run(1, passes), run(2, passes));
  }

  @Test
  void shouldSumSevenShardsInTheTreeOfSevenRanks() {
    Consumer<TrainingBuilder> sevenShards = t -> t.logicalShards(7);
    assertEquals(run(1, sevenShards), run(7, sevenShards));
  }

  @Test
  void shouldStartAfreshInTheMemoryOfAnEarlierRun() {
    assertEquals(run(2, t -> {}), run(2, t -> {}));
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
    RankMemoryLayout paged = RankMemoryLayout.of(MODEL, training.build(), worldSize, size);
    for (MemoryRole role : List.of(MemoryRole.PARAMETERS, MemoryRole.ACTIVATIONS)) {
      assertTrue(paged.pages().get(role).floats().size() > 1, role + " of one page");
    }
    assertEquals(run(worldSize, change), run(worldSize, change, size));
  }

  @Test
  void shouldClipTheGlobalNorm() {
    Trace clipped = run(1, t -> t.clipNorm(1e-3f));
    Trace free = run(1, t -> t.clipNorm(0));
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

  private static Trace run(int worldSize, Consumer<TrainingBuilder> change) {
    return run(worldSize, change, PageSize.configured());
  }

  private static Trace run(int worldSize, Consumer<TrainingBuilder> change, PageSize size) {
    return run(ComputeContext.open(ComputeDevice.select("cpu")), worldSize, change, size);
  }

  private static Trace run(
      ComputeContext compute, int worldSize, Consumer<TrainingBuilder> change, PageSize size) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    InProcessGroup group = InProcessGroup.of(worldSize, Duration.ofMinutes(1));
    ExecutorService threads = Executors.newFixedThreadPool(worldSize);
    try {
      List<CompletableFuture<Trace>> ranks = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        Communicator communicator = new LateGathers(group.communicator(rank));
        ranks.add(
            CompletableFuture.supplyAsync(
                () -> trace(training.build(), compute, communicator, size), threads));
      }
      List<Trace> traces = ranks.stream().map(CompletableFuture::join).toList();
      for (Trace trace : traces) {
        assertEquals(traces.get(0), trace);
      }
      return traces.get(0);
    } finally {
      threads.shutdown();
    }
  }

  private static Trace trace(
      TrainingConfiguration training,
      ComputeContext compute,
      Communicator communicator,
      PageSize size) {
    BatchShape batch = BatchShape.of(training, MODEL.context(), communicator.worldSize());
    try (communicator;
        TrainingStep step =
            new TrainingStep(
                training,
                compute,
                communicator,
                (completed, shard, pass, fields) -> {
                  float[] ids = fields.ids().arena().array();
                  float[] targets = fields.targets().arena().array();
                  long first = batch.firstSequence(completed, shard, pass) * batch.context();
                  for (int i = 0; i < batch.rowsPerPass(); i++) {
                    ids[fields.ids().offset() + i] = token(first + i);
                    targets[fields.targets().offset() + i] = token(first + i + 1);
                  }
                },
                RankMemoryLayout.of(MODEL, training, communicator.worldSize(), size))) {
      List<String> steps = new ArrayList<>();
      for (long number = 1; number <= 3; number++) {
        step.run(number);
        steps.add(Double.toHexString(step.loss()) + " " + Double.toHexString(step.gradientNorm()));
      }
      step.awaitParameters();
      return new Trace(steps, digest(step));
    }
  }

  private static int token(long position) {
    return (int) (CounterRandom.uniform(77, position) * MODEL.vocabularySize());
  }

  private static long digest(TrainingStep step) {
    long digest = 0;
    step.memory().parameters().download();
    for (UnitSpec unit : step.layout().layout().units()) {
      for (TensorSpec tensor : unit.tensors()) {
        Span span = step.memory().parameters().of(step.layout().layout().tensor(tensor.name()));
        for (int i = 0; i < span.length(); i++) {
          float value = span.get(i);
          digest = CounterRandom.mix(digest, Float.floatToRawIntBits(value));
        }
      }
    }
    return digest;
  }
}
