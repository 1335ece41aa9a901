package io.shardfire.worker.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContinuationTest {
  private static final Map<String, Object> THEN =
      Map.of(
          "model.heads",
          4,
          "model.dropout",
          0f,
          "training.seed",
          16_777_217L,
          "training.learningRate",
          6e-4f,
          "training.decaySteps",
          100L,
          "training.epsilon",
          1e-8f,
          "corpus.vocabularyHash",
          "00ab",
          "corpus.trainTokens",
          1000L);

  @Test
  void shouldContinueWhatIsTheSame() {
    assertEquals(new Continuation(List.of(), List.of(), List.of()), compare(Map.of(), List.of()));
  }

  @Test
  void shouldTakeMinusZeroForZero() {
    assertEquals(
        new Continuation(List.of(), List.of(), List.of()),
        compare(Map.of("model.dropout", -0f), List.of()));
  }

  @Test
  void shouldRefuseEverythingAtOnceInTheOrderOfTheTable() {
    Continuation found =
        compare(
            Map.of(
                "training.learningRate",
                1e-3f,
                "training.epsilon",
                1.5e-9f,
                "model.heads",
                8,
                "training.seed",
                16_777_216L,
                "corpus.trainTokens",
                999L,
                "corpus.vocabularyHash",
                "00ac"),
            List.of());

    assertEquals(
        List.of(
            "The checkpoint of step 20 was written with another model.heads, which cannot change"
                + " within a run: model.heads=8, checkpoint=4. Set model.heads=4 to go on, or"
                + " choose another run folder",
            "The checkpoint of step 20 was written with another training.seed, which cannot change"
                + " within a run: training.seed=16777216, checkpoint=16777217. Set"
                + " training.seed=16777217 to go on, or choose another run folder",
            "Another training.learningRate would change the course of the run after step 20:"
                + " training.learningRate=0.001, checkpoint=0.0006. Set"
                + " training.learningRate=0.0006 to go on as before, or give --allow-change"
                + " training.learningRate to change it from here on",
            "Another training.epsilon would change the course of the run after step 20:"
                + " training.epsilon=1.5e-9, checkpoint=1e-8. Set training.epsilon=1e-8 to go on as"
                + " before, or give --allow-change training.epsilon to change it from here on",
            "The checkpoint of step 20 was trained on another corpus: corpus.vocabularyHash=00ac,"
                + " checkpoint=00ab; corpus.trainTokens=999, checkpoint=1000. Set data to the"
                + " corpus that the run began with, or choose another run folder"),
        found.refusals().stream().map(Refusal::toString).toList());
  }

  @Test
  void shouldTellChangesThatAreAllowedAndSettingsThatAreAsTheyWere() {
    Continuation found =
        compare(
            Map.of("training.learningRate", 1e-3f, "model.dropout", 0.3f),
            List.of("model.dropout", "training.learningRate", "training.epsilon"));

    assertEquals(List.of(), found.refusals());
    assertEquals(
        List.of("model.dropout 0 -> 0.3", "training.learningRate 0.0006 -> 0.001"),
        found.changes().stream().map(SettingChange::toString).toList());
    assertEquals(List.of("training.epsilon"), found.unchanged());
  }

  @Test
  void shouldCompareOnlyWhatBothKnow() {
    RunSettings then = new RunSettings(Map.of("model.heads", 4, "model.layers", 2));
    RunSettings now = new RunSettings(Map.of("model.heads", 4, "model.width", 32));

    assertEquals(
        new Continuation(List.of(), List.of(), List.of()),
        Continuation.of(1, then, now, List.of()));
  }

  @Test
  void shouldRecordNoSettingThatIsFree() {
    for (String key : List.of("training.steps", "training.stepz")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> new RunSettings(Map.of(key, 1L)));
      assertEquals("Not settings that are recorded: keys=[" + key + "]", e.getMessage());
    }
  }

  /** As it is named in the configuration of a section that the table knows. */
  private record Unclassed(int layers, int forgotten) {}

  @Test
  void shouldNotRecordASectionWithASettingWithoutAClass() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> RunSettings.recorded("model", new Unclassed(1, 2)));
    assertTrue(e.getMessage().endsWith("key=model.forgotten"), e.getMessage());
  }

  private static Continuation compare(Map<String, Object> differences, List<String> allowed) {
    Map<String, Object> now = new LinkedHashMap<>(THEN);
    now.putAll(differences);
    return Continuation.of(20, new RunSettings(THEN), new RunSettings(now), allowed);
  }
}
