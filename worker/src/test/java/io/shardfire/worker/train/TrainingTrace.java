package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.random.CounterRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What a few steps of a small model did on several ranks, without a corpus or checkpoints.
 *
 * @param steps exact losses and norms of each
 * @param weights a digest, of the parameters and of the master weights
 */
record TrainingTrace(List<String> steps, long weights) {
  static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).vocabularySize(29).dropout(0.1f).build();

  private static final long STEPS = 3;

  static void requireSameForEveryWorldSizeAndStage(Consumer<TrainingBuilder> change) {
    Consumer<TrainingBuilder> fourShards = change.andThen(t -> t.logicalShards(4));
    TrainingTrace expected = run(1, fourShards);
    assertEquals(expected, run(2, fourShards.andThen(t -> t.zeroStage(0))));
    assertEquals(expected, run(2, fourShards.andThen(t -> t.zeroStage(1))));
    assertEquals(expected, run(4, fourShards.andThen(t -> t.zeroStage(0))));
    assertEquals(expected, run(4, fourShards.andThen(t -> t.zeroStage(1))));
  }

  static TrainingTrace run(int worldSize, Consumer<TrainingBuilder> change) {
    return run(worldSize, change, PageSize.configured());
  }

  static TrainingTrace run(int worldSize, Consumer<TrainingBuilder> change, PageSize size) {
    return run(ComputeContext.open(ComputeDevice.select("cpu")), worldSize, change, size);
  }

  static TrainingTrace run(
      ComputeContext compute, int worldSize, Consumer<TrainingBuilder> change, PageSize size) {
    InProcessGroup group = InProcessGroup.of(worldSize, Duration.ofMinutes(1));
    List<Communicator> communicators =
        IntStream.range(0, worldSize).mapToObj(group::communicator).toList();
    return run(compute, communicators, change, size);
  }

  /**
   * Runs with ranks that talk to each other otherwise.
   *
   * @param communicators of all ranks, in their order; closed at the end
   */
  static TrainingTrace run(
      ComputeContext compute,
      List<Communicator> communicators,
      Consumer<TrainingBuilder> change,
      PageSize size) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    ExecutorService threads = Executors.newFixedThreadPool(communicators.size());
    try {
      List<CompletableFuture<TrainingTrace>> ranks = new ArrayList<>();
      for (Communicator inner : communicators) {
        Communicator communicator = new LateGathers(inner);
        ranks.add(
            CompletableFuture.supplyAsync(
                () -> trace(training.build(), compute, communicator, size), threads));
      }
      List<TrainingTrace> traces = ranks.stream().map(CompletableFuture::join).toList();
      for (TrainingTrace trace : traces) {
        assertEquals(traces.get(0), trace);
      }
      return traces.get(0);
    } finally {
      threads.shutdown();
    }
  }

  private static TrainingTrace trace(
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
      for (long number = 1; number <= STEPS; number++) {
        step.run(number);
        steps.add(Double.toHexString(step.loss()) + " " + Double.toHexString(step.gradientNorm()));
      }
      step.awaitParameters();
      return new TrainingTrace(steps, digest(step));
    }
  }

  private static int token(long position) {
    return (int) (CounterRandom.uniform(77, position) * MODEL.vocabularySize());
  }

  private static long digest(TrainingStep step) {
    long digest = 0;
    ParameterFormat format = step.layout().format();
    ShardLayout layout = step.layout().layout();
    step.memory().state().forEach(UnitSpans::download);
    List<FloatRange> masters = step.masters().gather(STEPS);
    List<FloatRange> parameters = step.memory().parameters().onHost();
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        UnitRange range = layout.tensor(tensor.name());
        digest = digest(digest, masters, range);
        if (format != ParameterFormat.FP32) {
          digest = digest(digest, parameters, format.stored(range));
        }
      }
    }
    return digest;
  }

  private static long digest(long before, List<FloatRange> units, UnitRange range) {
    long digest = before;
    FloatRange tensor = units.get(range.unit()).slice(range.offset(), range.length());
    for (int i = 0; i < tensor.length(); i++) {
      float value = tensor.array()[tensor.offset() + i];
      digest = CounterRandom.mix(digest, Float.floatToRawIntBits(value));
    }
    return digest;
  }
}
