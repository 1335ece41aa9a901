package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.train.TrainingConfiguration.DecayShape;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TrainingConfigurationTest {
  @Test
  void shouldNameTheValueAndTheRemedy() {
    assertRefused(t -> t.steps(0), "set it to 1 or more: steps=0");
    assertRefused(t -> t.microBatch(0), "microBatch=0");
    assertRefused(t -> t.accumulation(0), "accumulation=0");
    assertRefused(t -> t.logicalShards(-1), "logicalShards=-1");
    assertRefused(t -> t.zeroStage(2), "set it to 0 (everything replicated) or 1");
    assertRefused(t -> t.learningRate(Float.NaN), "learningRate=NaN");
    assertRefused(t -> t.minimumLearningRate(1), "minimumLearningRate=1.0");
    assertRefused(t -> t.decaySteps(1), "at least warmupSteps=2: decaySteps=1");
    assertRefused(t -> t.weightDecay(-1), "weightDecay=-1.0");
    assertRefused(t -> t.clipNorm(Float.POSITIVE_INFINITY), "clipNorm=Infinity");
    assertRefused(
        t -> t.decayShare(0), "set it above 0 and up to 1, for example 0.1: decayShare=0");
    assertRefused(t -> t.decayShare(1.5f), "decayShare=1.5");
    assertRefused(t -> t.momentum(1), "set it in [0, 1), for example 0.9: momentum=1.0");
    assertRefused(t -> t.momentum(Float.NaN), "momentum=NaN");
    assertRefused(
        t -> {
          t.momentum(0);
          t.nesterov(true);
        },
        "set it to false, or momentum above 0: nesterov=true");
    for (float scale : new float[] {0, 0.5f, 3, 65_535, -2, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertRefused(
          t -> t.lossScale(scale),
          "set it to a power of two, of 1 or more, for example 65536: lossScale=" + scale);
    }
    assertRefused(t -> t.lossScaleWindow(0), "set it to 1 or more steps: lossScaleWindow=0");
    assertRefused(t -> t.evaluationBatches(0), "evaluationBatches=0");
    assertRefused(t -> t.keepCheckpoints(0), "keepCheckpoints=0");
  }

  @Test
  void shouldRefuseADecayThatCannotBe() {
    TrainingBuilder training = TestTraining.usual();
    training.schedule(ScheduleKind.WSD);
    training.warmupSteps(4);
    training.decayShare(0.33f);
    assertEquals(4, training.build().firstDecayStep());
    assertRefused(
        t -> {
          t.schedule(ScheduleKind.WSD);
          t.warmupSteps(4);
          t.decayShare(0.5f);
        },
        "lower it, for the decay begins within warmupSteps=4: decayShare=0.5");
    assertRefused(
        t -> {
          t.schedule(ScheduleKind.WSD);
          t.decayShape(DecayShape.EXPONENTIAL);
          t.minimumLearningRate(0);
        },
        "set it above 0, for example to a tenth of learningRate, which decayShape=exponential needs:"
            + " minimumLearningRate=0.0");
  }

  @Test
  void shouldTakeOnlyRanksThatKeepTheTreeOfSums() {
    assertTrue(TrainingConfiguration.canShare(6, 1));
    assertTrue(TrainingConfiguration.canShare(6, 3));
    assertTrue(TrainingConfiguration.canShare(6, 6));
    assertFalse(TrainingConfiguration.canShare(6, 2));
    assertFalse(TrainingConfiguration.canShare(6, 4));
    assertFalse(TrainingConfiguration.canShare(6, 0));
    assertFalse(TrainingConfiguration.canShare(0, 1));
  }

  @Test
  void shouldEndTheScheduleWithTheLastStepByDefault() {
    TrainingBuilder training = TestTraining.usual();
    training.decaySteps(0);
    assertEquals(training.build().steps(), training.build().lastDecayStep());
  }

  private static void assertRefused(Consumer<TrainingBuilder> change, String text) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, training::build);
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}
