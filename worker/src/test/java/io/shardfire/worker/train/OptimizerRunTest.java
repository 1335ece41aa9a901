package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs by each optimizer, with ranks as threads. */
class OptimizerRunTest {
  /** Shards cut matrices within rows. */
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 34, 11).dropout(0.1f).build();

  @TempDir static Path folder;
  private static Path data;

  @BeforeAll
  static void writeCorpus() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, 29, 400, 150);
  }

  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void shouldGiveTheSameBitsForEveryWorldSizeAndStage(OptimizerKind optimizer) {
    Path one = folder.resolve(optimizer + "-one");
    TestRun expected = train(one, 1, optimizer, t -> {});
    for (int worldSize : new int[] {2, 4}) {
      for (int stage : new int[] {0, 1}) {
        Path run = folder.resolve(optimizer + "-ranks-" + worldSize + "-stage-" + stage);
        TestRun actual = train(run, worldSize, optimizer, t -> t.zeroStage(stage));
        assertEquals(expected.curve(), actual.curve(), run.toString());
        assertEquals(TestRun.weights(one, 6), TestRun.weights(run, 6), run.toString());
      }
    }
  }

  /** On another number of ranks and at another stage than before. */
  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void shouldResumeBitForBit(OptimizerKind optimizer) {
    Path whole = folder.resolve(optimizer + "-whole");
    TestRun expected = train(whole, 2, optimizer, t -> {});
    for (int[] ranks : new int[][] {{1, 2}, {2, 1}, {4, 2}}) {
      for (int stage : new int[] {0, 1}) {
        Path run = folder.resolve(optimizer + "-" + ranks[0] + "-" + ranks[1] + "-" + stage);
        Consumer<TrainingBuilder> half =
            t -> {
              t.zeroStage(1 - stage);
              t.steps(3);
            };
        train(run, ranks[0], optimizer, half);
        TestRun resumed =
            resume(run, ranks[1], settings(optimizer, t -> t.zeroStage(stage)), List.of());
        assertEquals(3, resumed.starts.get(0).firstStep());
        assertEquals(expected.curve().subList(3, 6), resumed.curve(), run.toString());
        assertEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6), run.toString());
      }
    }
  }

  @Test
  void shouldResumeBf16BitForBit() {
    Consumer<TrainingBuilder> bf16 =
        t -> t.precision(Precision.BF16).activations(ActivationFormat.BF16);
    Path whole = folder.resolve("bf16-whole");
    TestRun expected = train(whole, 1, OptimizerKind.ADAMW, bf16);
    Path run = folder.resolve("bf16");
    train(run, 2, OptimizerKind.ADAMW, bf16.andThen(t -> t.steps(3)));
    TestRun resumed = resume(run, 1, settings(OptimizerKind.ADAMW, bf16), List.of());
    assertEquals(expected.curve().subList(3, 6), resumed.curve());
    assertEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6));
  }

  /** On as many ranks, of which each rounds what it sends. */
  @Test
  void shouldResumeGradientsInBf16BitForBit() {
    Consumer<TrainingBuilder> bf16 = t -> t.gradientExchange(ElementType.BF16);
    Path whole = folder.resolve("exchange-whole");
    TestRun expected = train(whole, 2, OptimizerKind.ADAMW, bf16);
    Path run = folder.resolve("exchange");
    train(run, 2, OptimizerKind.ADAMW, bf16.andThen(t -> t.steps(3)));
    TrainingConfiguration replicated =
        settings(OptimizerKind.ADAMW, bf16.andThen(t -> t.zeroStage(0)));
    TestRun resumed = resume(run, 2, replicated, List.of());
    assertEquals(expected.curve().subList(3, 6), resumed.curve());
    assertEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6));
  }

  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void shouldLearn(OptimizerKind optimizer) {
    float rate =
        Map.of(OptimizerKind.LION, 2e-3f, OptimizerKind.SGD, 0.5f).getOrDefault(optimizer, 1e-2f);
    TestRun run =
        train(
            folder.resolve(optimizer + "-learn"),
            1,
            optimizer,
            t -> {
              t.learningRate(rate);
              t.steps(60);
              t.decaySteps(60);
              t.evaluateEvery(0);
            });
    assertEquals(StrictMath.log(29), run.steps.get(0).loss(), 0.1);
    assertTrue(run.outcome.validationLoss() < 2.5, "loss=" + run.outcome.validationLoss());
  }

  @Test
  void shouldRefuseAnotherOptimizerByName() {
    Path run = folder.resolve("refused");
    train(run, 1, OptimizerKind.LION, t -> t.steps(3));
    TrainingConfiguration other = settings(OptimizerKind.SGD, t -> {});
    TrainingException e =
        assertThrows(
            TrainingException.class, () -> resume(run, 1, other, List.of("training.optimizer")));
    assertEquals(
        "The run cannot be resumed: The checkpoint of step 3 was written with another"
            + " training.optimizer, which cannot change within a run: training.optimizer=sgd,"
            + " checkpoint=lion. Set training.optimizer=lion to go on, or choose another run folder",
        e.getMessage());
  }

  /** The checkpoint has no velocity, so there is nothing to go on from. */
  @Test
  void shouldRefuseMomentumThatTheCheckpointLacks() {
    Path run = folder.resolve("no-momentum");
    Consumer<TrainingBuilder> plain = t -> t.momentum(0);
    train(run, 2, OptimizerKind.SGD, plain.andThen(t -> t.steps(3)));
    TrainingConfiguration other = settings(OptimizerKind.SGD, t -> {});
    CheckpointException e =
        assertThrows(
            CheckpointException.class, () -> resume(run, 1, other, List.of("training.momentum")));
    assertTrue(
        e.getMessage()
            .endsWith(
                "expected moments=[momentum_buffer], actual moments=[]; resume with the optimizer"
                    + " settings of the checkpoint, or from another one"),
        e.getMessage());
    TestRun resumed = resume(run, 1, settings(OptimizerKind.SGD, plain), List.of());
    assertEquals(6, resumed.outcome.steps());
  }

  @ParameterizedTest
  @CsvSource({
    "SGD, training.momentum",
    "SGD, training.nesterov",
    "ADAFACTOR, training.relativeStep",
    "LION, training.beta1",
    "LION, training.beta2"
  })
  void shouldChangeItsSettingsOnlyWhenThatIsAllowed(OptimizerKind optimizer, String key) {
    Path run = folder.resolve("setting-" + key + optimizer);
    train(run, 1, optimizer, t -> t.steps(3));
    TrainingConfiguration changed = Variations.vary(key, settings(optimizer, t -> {}));
    TrainingException e =
        assertThrows(TrainingException.class, () -> resume(run, 1, changed, List.of()));
    assertTrue(e.getMessage().contains("give --allow-change " + key), e.getMessage());
    resume(run, 1, changed, List.of(key));
    Path whole = folder.resolve("setting-whole-" + key + optimizer);
    train(whole, 1, optimizer, t -> {});
    assertNotEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6));
  }

  /** Nothing of the stable phase depends on when the decay begins. */
  @Test
  void shouldProlongTheStablePhase() {
    Consumer<TrainingBuilder> stable = t -> t.schedule(ScheduleKind.WSD);
    Consumer<TrainingBuilder> longer = stable.andThen(t -> t.decaySteps(8));
    Path whole = folder.resolve("stable-whole");
    train(whole, 1, OptimizerKind.ADAMW, longer);
    Path run = folder.resolve("stable");
    train(run, 1, OptimizerKind.ADAMW, stable.andThen(t -> t.steps(4)));
    resume(run, 1, settings(OptimizerKind.ADAMW, longer), List.of("training.decaySteps"));
    assertEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6));
  }

  /** Nothing of a constant rate depends on how long the run is to be. */
  @Test
  void shouldGoOnAtAConstantRate() {
    Consumer<TrainingBuilder> constant =
        t -> {
          t.schedule(ScheduleKind.CONSTANT);
          t.decaySteps(0);
        };
    Path whole = folder.resolve("constant-whole");
    train(whole, 1, OptimizerKind.ADAMW, constant);
    Path run = folder.resolve("constant");
    train(run, 1, OptimizerKind.ADAMW, constant.andThen(t -> t.steps(3)));
    resume(run, 1, settings(OptimizerKind.ADAMW, constant), List.of());
    assertEquals(TestRun.weights(whole, 6), TestRun.weights(run, 6));
  }

  private static TrainingConfiguration settings(
      OptimizerKind optimizer, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    training.logicalShards(4);
    training.optimizer(optimizer);
    change.accept(training);
    return training.build();
  }

  private static TestRun train(
      Path run, int worldSize, OptimizerKind optimizer, Consumer<TrainingBuilder> change) {
    return TestRun.train(MODEL, settings(optimizer, change), data, run, worldSize, false);
  }

  private static TestRun resume(
      Path run, int worldSize, TrainingConfiguration training, List<String> allowed) {
    return TestRun.train(MODEL, training, data, run, worldSize, true, allowed);
  }
}
