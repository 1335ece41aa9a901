package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AllowedChangesTest {
  @Test
  void shouldTakeSettingsOfTheTrajectory() {
    AllowedChanges.check(List.of("training.learningRate", "model.dropout"), true);
    AllowedChanges.check(List.of(), false);
  }

  @Test
  void shouldSuggestWhatWasMeant() {
    assertRefused(
        "training.learningrat",
        "Unknown key training.learningrat (--allow-change training.learningrat); did you mean"
            + " training.learningRate?");
    assertRefused(
        "dropout", "Unknown key dropout (--allow-change dropout); did you mean model.dropout?");
    assertRefused(
        "everything",
        "Unknown key everything (--allow-change everything); settings that can be allowed to"
            + " change: model.dropout, training.schedule, training.learningRate,"
            + " training.minimumLearningRate, training.warmupSteps, training.decaySteps,"
            + " training.decayShape, training.decayShare, training.beta1, training.beta2,"
            + " training.epsilon, training.momentum, training.nesterov, training.relativeStep,"
            + " training.weightDecay, training.clipNorm, training.precision, training.lossScale,"
            + " training.lossScaleWindow, training.activations, training.parameters,"
            + " training.recompute, training.gradientExchange, cluster.ranks");
  }

  @Test
  void shouldRefuseWhatCannotChangeAndWhatNeedsNoLeave() {
    assertRefused(
        "model.heads",
        "model.heads cannot change within a run (--allow-change model.heads); leave it as it was,"
            + " or choose another run folder");
    assertRefused(
        "training.steps",
        "training.steps may change without being allowed to (--allow-change training.steps); leave"
            + " the option out");
  }

  @Test
  void shouldRefuseWithoutResume() {
    ConfigurationException e =
        assertThrows(
            ConfigurationException.class,
            () -> AllowedChanges.check(List.of("model.dropout", "training.beta1"), false));
    assertEquals(
        "--allow-change is about a run that is resumed; give --resume, or leave it out:"
            + " --allow-change model.dropout,training.beta1",
        e.getMessage());
  }

  private static void assertRefused(String key, String text) {
    ConfigurationException e =
        assertThrows(ConfigurationException.class, () -> AllowedChanges.check(List.of(key), true));
    assertEquals(text, e.getMessage());
  }
}
