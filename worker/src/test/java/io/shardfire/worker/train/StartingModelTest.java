package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that begin with the weights of another. */
class StartingModelTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 2, 32, 11).vocabularySize(29).build();

  @TempDir static Path folder;
  private static Path data;
  private static Path other;
  private static Path from;

  @BeforeAll
  static void trainOne() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, 29, 400, 150);
    other = folder.resolve("other");
    TestCorpus.write(other, 28, 400, 150);
    train(MODEL, data, "first", "", 1, t -> {});
    from = folder.resolve("first/step-00000006");
  }

  private static TestRun train(
      ModelConfiguration model,
      Path corpus,
      String run,
      String from,
      int ranks,
      Consumer<TrainingBuilder> change) {
    TrainingBuilder training = TestTraining.usual();
    change.accept(training);
    return TestRun.train(
        model,
        training.build(),
        corpus,
        folder.resolve(run),
        from,
        ranks,
        true,
        List.of(),
        LateGathers::new);
  }

  @Test
  void shouldBeginWithTheWeightsAndANewOptimizer() {
    TestRun second = train(MODEL, data, "second", from.toString(), 1, t -> {});
    TestRun fresh = train(MODEL, data, "fresh", "", 1, t -> {});

    assertEquals(0, second.starts.get(0).firstStep());
    assertTrue(
        second.steps.get(0).loss() < fresh.steps.get(0).loss() - 0.1,
        second.steps.get(0) + " after " + fresh.steps.get(0));
    assertEquals(second.curve(), train(MODEL, data, "two", from.toString(), 2, t -> {}).curve());
  }

  /** What it began with is gone when it goes on. */
  @Test
  void shouldResumeWithoutWhatItBeganWith() throws IOException {
    Path copy = copy("copy");
    train(MODEL, data, "whole", copy.toString(), 1, t -> {});
    train(MODEL, data, "stopped", copy.toString(), 1, t -> t.steps(3));
    try (Stream<Path> files = Files.list(copy)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }

    train(MODEL, data, "stopped", copy.toString(), 1, t -> {});

    Map<String, String> expected = TestRun.weights(folder.resolve("whole"), 6);
    assertEquals(expected, TestRun.weights(folder.resolve("stopped"), 6));
    String trainer = Files.readString(folder.resolve("whole/step-00000006/trainer.json"));
    assertTrue(trainer.contains("\"from\" : \"" + copy + "\""), trainer);
  }

  @Test
  void shouldRefuseWhatDoesNotFit() throws IOException {
    assertRefused(
        ModelConfiguration.decoder(1, 4, 32, 11).vocabularySize(29).build(),
        data,
        from,
        "has another architecture: from=" + from + "; model.heads=4, there 2. Leave the section");
    assertRefused(
        MODEL,
        other,
        from,
        "has another vocabulary than the corpus: from=" + from + ", its vocabularyHash=");
    Path incomplete = copy("incomplete");
    Files.delete(incomplete.resolve("model.safetensors"));
    assertRefused(MODEL, data, incomplete, "cannot be used: from=" + incomplete + ": ");
  }

  private static Path copy(String name) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name));
    for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(from.resolve(file), copy.resolve(file));
    }
    return copy;
  }

  private static void assertRefused(
      ModelConfiguration model, Path corpus, Path from, String expected) {
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> train(model, corpus, "refused", from.toString(), 1, t -> {}));
    assertTrue(e.getMessage().startsWith("The model to start from " + expected), e.getMessage());
  }
}
