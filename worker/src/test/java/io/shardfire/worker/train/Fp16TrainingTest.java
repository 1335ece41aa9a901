package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import io.shardfire.worker.train.TrainingListener.StepReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training in fp16 with a loss scale, of 44 tokens a step. */
class Fp16TrainingTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).vocabularySize(29).dropout(0.1f).build();

  /** Divided by the tokens it is the gradient of a logit, and that is more than 65504. */
  private static final float OVERFLOWS = 0x1p22f;

  /** Far from what overflows in this model, and from what is subnormal. */
  private static final float FITS = 0x1p18f;

  @TempDir static Path folder;
  private static Path data;

  @BeforeAll
  static void writeCorpus() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, 29, 400, 150);
  }

  @Test
  void shouldSkipTheSameStepsForEveryWorldSizeAndStage() {
    Consumer<TrainingBuilder> overflowing = fp16(OVERFLOWS).andThen(t -> t.logicalShards(4));
    List<String> steps = TrainingTrace.run(1, overflowing).steps();
    assertTrue(steps.get(0).endsWith("NaN"), steps.toString());
    assertFalse(steps.get(2).endsWith("NaN"), steps.toString());
    TrainingTrace.requireSameForEveryWorldSizeAndStage(overflowing);
  }

  /**
   * What it scales is exact, unless a number is below the normal ones of fp16, as some gradients of
   * attention are whatever the scale.
   */
  @Test
  void shouldGiveTheSameBitsWithEveryScaleThatIsInRange() {
    ModelConfiguration recurrent =
        ModelConfiguration.decoder(2, 1, 32, 11)
            .positions(PositionKind.NONE)
            .cell(CellKind.LSTM)
            .vocabularySize(29)
            .build();
    State expected = stateAfter(3, recurrent, fp16(FITS));
    for (float scale : new float[] {FITS / 2, 4 * FITS}) {
      State other = stateAfter(3, recurrent, fp16(scale));
      assertTrue(Arrays.deepEquals(expected.floats(), other.floats()), "scale=" + scale);
    }
    // Without a scale gradients are rounded to subnormals and to zero.
    State without = stateAfter(3, recurrent, fp16(1));
    assertFalse(Arrays.deepEquals(expected.floats(), without.floats()));
  }

  @Test
  void shouldSkipUntilNothingOverflowsAndThenTrain() {
    TestRun run =
        train(
            folder.resolve("huge"),
            1,
            fp16(0x1p40f)
                .andThen(
                    t -> {
                      t.steps(80);
                      t.decaySteps(80);
                      t.evaluateEvery(0);
                    }));
    List<Boolean> skipped = run.steps.stream().map(StepReport::skipped).toList();
    assertTrue(skipped.indexOf(false) >= 19, skipped.toString());
    int good = skipped.lastIndexOf(true) + 1;
    int skips = Collections.frequency(skipped, true);
    assertTrue(skips < 25, skipped.toString());
    assertEquals(
        new LossScale(Math.scalb(0x1p40f, -skips), 80 - good, skips),
        run.steps.get(79).lossScale());
    assertEquals(skips, run.outcome.skippedSteps());
    assertFalse(Double.isFinite(run.steps.get(0).gradientNorm()));
    assertTrue(run.outcome.validationLoss() < 2.5, "loss=" + run.outcome.validationLoss());
  }

  /** The weights and moments are those of a run that began with the scale that fits. */
  @Test
  void shouldLeaveEverythingAsItWasInAStepThatIsSkipped() {
    ModelConfiguration model = MODEL.with().dropout(0).build();
    State skipping = stateAfter(2, model, fp16(OVERFLOWS));
    assertTrue(skipping.scale().skippedSteps() >= 1, skipping.scale().toString());
    State expected = stateAfter(2, model, fp16(skipping.scale().scale()));
    assertEquals(0, expected.scale().skippedSteps());
    assertTrue(Arrays.deepEquals(expected.floats(), skipping.floats()));
    State less = stateAfter(1, model, fp16(skipping.scale().scale()));
    assertFalse(Arrays.deepEquals(expected.floats(), less.floats()));
  }

  /** Parameters and moments, unit by unit. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  private record State(LossScale scale, float[][] floats) {}

  /** Of steps at one rate that all see the same tokens. */
  private static State stateAfter(
      int updates, ModelConfiguration model, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual().schedule(ScheduleKind.CONSTANT).warmupSteps(0);
    change.accept(training);
    try (Communicator alone = InProcessGroup.of(1, Duration.ofMinutes(1)).communicator(0);
        TrainingStep step =
            new TrainingStep(
                model,
                training.build(),
                ComputeContext.open(ComputeDevice.select("cpu")),
                alone,
                (completed, shard, pass, batch) -> {
                  for (int row = 0; row < batch.ids().length(); row++) {
                    batch.ids().set(row, (7 * row + shard) % 29);
                    batch.targets().set(row, (7 * row + shard + 1) % 29);
                  }
                })) {
      int done = 0;
      for (long number = 1; done < updates; number++) {
        step.run(number);
        done += step.skipped() ? 0 : 1;
      }
      List<float[]> floats = new ArrayList<>();
      for (UnitSpans part : step.memory().state()) {
        part.download();
        for (FloatRange unit : part.onHost()) {
          int end = unit.offset() + unit.length();
          floats.add(Arrays.copyOfRange(unit.array(), unit.offset(), end));
        }
      }
      return new State(step.lossScale(), floats.toArray(float[][]::new));
    }
  }

  /** On other ranks, right after steps that were skipped and within windows of good ones. */
  @Test
  void shouldResumeBitForBit() {
    Consumer<TrainingBuilder> settings =
        fp16(OVERFLOWS)
            .andThen(
                t -> {
                  t.steps(9);
                  t.lossScaleWindow(2);
                });
    Path whole = folder.resolve("whole");
    TestRun expected = train(whole, 1, settings);
    LossScale scale = new LossScale(OVERFLOWS, 0, 0);
    for (StepReport step : expected.steps) {
      scale = step.skipped() ? scale.afterSkippedStep() : scale.afterGoodStep(2);
      assertEquals(scale, step.lossScale());
    }
    assertTrue(expected.steps.get(0).skipped());
    // The scale grew until it overflowed again.
    int good = expected.steps.stream().map(StepReport::skipped).toList().indexOf(false);
    assertTrue(scale.skippedSteps() > good, scales(expected).toString());
    for (int stop = 1; stop < 9; stop++) {
      Path run = folder.resolve("stopped-" + stop);
      int last = stop;
      TestRun first =
          train(
              run,
              2,
              settings.andThen(
                  t -> {
                    t.steps(last);
                    t.zeroStage(0);
                  }));
      assertEquals(scales(expected).subList(0, stop), scales(first));
      assertEquals(
          expected.steps.get(stop - 1).lossScale(), TestRun.saved(run, stop).state().lossScale());
      TestRun second = resume(run, 1 + stop % 2, settings, List.of());
      assertEquals(expected.curve().subList(stop, 9), second.curve());
      assertEquals(scales(expected).subList(stop, 9), scales(second));
      assertEquals(TestRun.weights(whole, 9), TestRun.weights(run, 9));
      assertEquals(scale.skippedSteps(), second.outcome.skippedSteps());
    }
  }

  @Test
  void shouldBeginTheScaleAnewWhereItIsChangedAndKeepTheCount() {
    Path run = folder.resolve("changed");
    train(run, 1, fp16(OVERFLOWS).andThen(t -> t.steps(1)));
    assertEquals(new LossScale(OVERFLOWS / 2, 0, 1), TestRun.saved(run, 1).state().lossScale());

    List<String> scale = List.of("training.lossScale");
    TestRun lower = resume(run, 1, fp16(1024).andThen(t -> t.steps(2)), scale);
    assertEquals(new LossScale(1024, 1, 1), lower.steps.get(0).lossScale());
    // As a restart within the run has it.
    TestRun same = resume(run, 1, fp16(1024).andThen(t -> t.steps(3)), scale);
    assertEquals(new LossScale(1024, 2, 1), same.steps.get(0).lossScale());

    List<String> precision = List.of("training.precision");
    TestRun plain = resume(run, 1, t -> t.steps(4), precision);
    assertEquals(1, plain.outcome.skippedSteps());
    assertEquals(new LossScale(1, 0, 1), TestRun.saved(run, 4).state().lossScale());

    TestRun again = resume(run, 1, fp16(2048).andThen(t -> t.steps(5)), precision);
    assertEquals(new LossScale(2048, 1, 1), again.steps.get(0).lossScale());
  }

  /** The second step has weights far beyond what any scale could help. */
  @Test
  void shouldStopWhereTheSmallestScaleOverflows() {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                train(
                    folder.resolve("diverged"),
                    2,
                    fp16(4)
                        .andThen(
                            t -> {
                              t.learningRate(1e30f);
                              t.warmupSteps(0);
                            })));
    assertTrue(
        e.getMessage()
            .startsWith(
                "The loss or gradient is not finite, with the smallest loss scale too; training"
                    + " stopped before the update. Lower training.learningRate, lengthen"
                    + " training.warmupSteps, set training.precision to bf16 or set"
                    + " training.clipNorm, then resume: step=4, rank=0, tensor="),
        e.getMessage());
    assertTrue(e.getMessage().matches(".*tensor=(block-|h\\.|wte|ln_f|last).*"), e.getMessage());
  }

  /** Nothing of it is used, and a report has none. */
  @Test
  void shouldNotScaleInOtherPrecisions() {
    assertEquals(TrainingTrace.run(1, t -> {}), TrainingTrace.run(1, t -> t.lossScale(2)));
    TestRun run = train(folder.resolve("fp32"), 1, t -> t.steps(1));
    assertEquals(null, run.steps.get(0).lossScale());
    assertEquals(LossScale.NONE, TestRun.saved(folder.resolve("fp32"), 1).state().lossScale());
  }

  private static List<LossScale> scales(TestRun run) {
    return run.steps.stream().map(StepReport::lossScale).toList();
  }

  private static Consumer<TrainingBuilder> fp16(float lossScale) {
    return training -> {
      training.precision(Precision.FP16);
      training.lossScale(lossScale);
    };
  }

  private static TestRun train(Path run, int worldSize, Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    return TestRun.train(MODEL, training.build(), data, run, worldSize, false);
  }

  private static TestRun resume(
      Path run, int worldSize, Consumer<TrainingBuilder> change, List<String> allowed) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    return TestRun.train(MODEL, training.build(), data, run, worldSize, true, allowed);
  }
}
