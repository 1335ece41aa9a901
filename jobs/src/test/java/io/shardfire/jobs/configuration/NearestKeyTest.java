package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NearestKeyTest {
  private static final List<String> KEYS =
      List.of("data", "model", "model.layers", "prepare.seed", "training.seed", "training.steps");

  @Test
  void shouldCountEdits() {
    assertEquals(0, NearestKey.distance("learningRate", "learning_rate"));
    assertEquals(0, NearestKey.distance("learningRate", "learning-rate"));
    assertEquals(1, NearestKey.distance("layrs", "layers"));
    assertEquals(1, NearestKey.distance("setps", "steps"));
    assertEquals(3, NearestKey.distance("kitten", "sitting"));
    assertEquals(4, NearestKey.distance("", "data"));
  }

  @Test
  void shouldPreferTheSameSection() {
    assertEquals(Optional.of("training.seed"), NearestKey.of("training.sed", KEYS));
    assertEquals(Optional.of("prepare.seed"), NearestKey.of("prepare.sed", KEYS));
    assertEquals(Optional.of("training.steps"), NearestKey.of("model.steps", KEYS));
  }

  @Test
  void shouldNotGuessWildly() {
    assertEquals(Optional.empty(), NearestKey.of("zebra", KEYS));
    assertEquals(Optional.empty(), NearestKey.of("model.x", KEYS));
  }
}
