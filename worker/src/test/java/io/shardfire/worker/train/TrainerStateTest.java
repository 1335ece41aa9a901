package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.worker.model.Gpt2Configuration;
import org.junit.jupiter.api.Test;

class TrainerStateTest {
  private static final TrainerState STATE = new TrainerState(10, 2, 3, 4, 8, 5, "abc", 1000, 100);

  @Test
  void shouldReadBackWhatItWrites() {
    String json = STATE.write(specification(), 2);
    assertEquals(STATE, TrainerState.read(json));
    assertTrue(json.contains("\"tokens\" : 1920"), json);
    assertTrue(json.contains("\"sequence\" : 240"), json);
    assertTrue(json.contains("\"epoch\" : 2"), json);
    assertTrue(json.contains("\"configuration\" : \"model: tiny\""), json);
  }

  @Test
  void shouldNameWhatKeepsARunFromContinuing() {
    assertRefused(
        new TrainerState(0, 2, 3, 4, 8, 6, "abc", 1000, 100), "training.seed=6, checkpoint=5");
    assertRefused(
        new TrainerState(0, 4, 3, 4, 8, 5, "abc", 1000, 100),
        "training.logicalShards=4, checkpoint=2");
    assertRefused(
        new TrainerState(0, 2, 3, 4, 8, 5, "xyz", 1000, 100), "vocabularyHash=xyz, checkpoint=abc");
    assertRefused(
        new TrainerState(0, 2, 3, 4, 8, 5, "abc", 1001, 100), "trainTokens=1001, checkpoint=1000");
    STATE.requireContinuedBy(new TrainerState(0, 2, 3, 4, 8, 5, "abc", 1000, 100));
  }

  @Test
  void shouldRefuseDamagedText() {
    assertDamaged("{", "not JSON");
    assertDamaged("{\"format_version\": 2}", "format_version=2, expected=1");
    assertDamaged("{\"format_version\": 1}", "member=data");
  }

  private static void assertRefused(TrainerState run, String text) {
    TrainingException e =
        assertThrows(TrainingException.class, () -> STATE.requireContinuedBy(run));
    assertTrue(e.getMessage().endsWith(text), e.getMessage());
  }

  private static void assertDamaged(String json, String text) {
    CheckpointException e = assertThrows(CheckpointException.class, () -> TrainerState.read(json));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  private static RunSpecification specification() {
    return new RunSpecification(
        new Gpt2Configuration(1, 2, 16, 8, 11, 0, 1e-5f),
        new TestTraining().build(),
        "data",
        "run",
        "cpu",
        false,
        TestRun.TICKET,
        "model: tiny");
  }
}
