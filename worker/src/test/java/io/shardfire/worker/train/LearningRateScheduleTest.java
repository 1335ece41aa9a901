package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.train.TrainingConfiguration.DecayShape;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateScheduleTest {
  private final LearningRateSchedule schedule =
      new LearningRateSchedule(DecayShape.COSINE, 1, 0.1, 4, 4, 24);

  @Test
  void shouldRiseLinearly() {
    assertEquals(0.2, schedule.rate(0), 1e-15);
    assertEquals(0.8, schedule.rate(3), 1e-15);
    assertEquals(1, schedule.rate(4), 1e-15);
  }

  @Test
  void shouldFallAlongACosine() {
    assertEquals(0.55, schedule.rate(14), 1e-15);
    assertEquals(0.1 + 0.9 * (1 + Math.cos(Math.PI / 4)) / 2, schedule.rate(9), 1e-15);
  }

  @Test
  void shouldStayAtTheMinimum() {
    assertEquals(0.1, schedule.rate(24), 1e-15);
    assertEquals(0.1, schedule.rate(1_000_000), 1e-15);
  }

  @Test
  void shouldFallAlongALine() {
    LearningRateSchedule line = schedule(t -> t.schedule(ScheduleKind.LINEAR));
    assertEquals(0.2, line.rate(0), 1e-7);
    assertEquals(1, line.rate(4), 1e-7);
    assertEquals(0.775, line.rate(9), 1e-7);
    assertEquals(0.145, line.rate(23), 1e-7);
    assertEquals(0.1, line.rate(24), 1e-7);
    assertEquals(0.1, line.rate(25), 1e-7);
  }

  @Test
  void shouldStayAtThePeak() {
    LearningRateSchedule constant = schedule(t -> t.schedule(ScheduleKind.CONSTANT));
    assertEquals(0.8, constant.rate(3), 1e-7);
    for (long step : new long[] {4, 24, 25, 1_000_000_000_000L}) {
      assertEquals(1, constant.rate(step));
    }
  }

  /** Of 24 steps, the last quarter decays: from step 18, with step 21 in its middle. */
  @ParameterizedTest
  @CsvSource({
    "LINEAR, 0.85, 0.55",
    "COSINE, 0.9397114317, 0.55",
    "EXPONENTIAL, 0.6812920690, 0.3162277660",
    "SQRT, 0.6325765386, 0.3636038969"
  })
  void shouldStayAndThenDecay(DecayShape shape, double afterOne, double inTheMiddle) {
    LearningRateSchedule wsd =
        schedule(
            t -> {
              t.schedule(ScheduleKind.WSD);
              t.decayShape(shape);
            });
    assertEquals(0.2, wsd.rate(0), 1e-7);
    assertEquals(0.8, wsd.rate(3), 1e-7);
    assertEquals(1, wsd.rate(4));
    assertEquals(1, wsd.rate(17));
    assertEquals(1, wsd.rate(18), 1e-7);
    assertEquals(afterOne, wsd.rate(19), 1e-7);
    assertEquals(inTheMiddle, wsd.rate(21), 1e-7);
    assertEquals(0.1, wsd.rate(24), 1e-7);
    assertEquals(0.1, wsd.rate(1000), 1e-7);
  }

  /** A peak of 1, a minimum of 0.1, 4 steps of warm-up and a decay that ends at step 24. */
  private static LearningRateSchedule schedule(Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    training.learningRate(1);
    training.minimumLearningRate(0.1f);
    training.warmupSteps(4);
    training.decaySteps(24);
    change.accept(training);
    return LearningRateSchedule.of(training.build());
  }

  @Test
  void shouldWorkWithoutWarmupOrDecay() {
    assertEquals(1, new LearningRateSchedule(DecayShape.COSINE, 1, 0, 0, 0, 10).rate(0), 1e-15);
    assertEquals(
        0.5, new LearningRateSchedule(DecayShape.COSINE, 1, 0.5, 10, 10, 10).rate(10), 1e-15);
  }
}
