package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.jobs.command.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointPathTest {
  private final Configuration hadoop = new Configuration();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"best", "step-20", "step-00000030", "step-", "20"})
  void shouldTakeACheckpointUnderAnyName(String name) throws IOException {
    SampleCheckpoint.write(folder.resolve(name), 20);

    CheckpointPath found = find(folder.resolve(name));

    assertEquals(20, found.folder().manifest().step());
    assertEquals(List.of(), found.folder().verify());
    assertEquals(List.of(), found.committedSteps());
  }

  @Test
  void shouldTakeTheNewestStepOfARunUnderAnyName() throws IOException {
    for (String name : List.of("run", "step-7")) {
      Path run = folder.resolve(name);
      SampleCheckpoint.write(run.resolve("step-00000010"), 10);
      SampleCheckpoint.write(run.resolve("step-00000020"), 20);
      SampleCheckpoint.write(run.resolve("best"), 10);
      Files.createDirectory(run.resolve("step-00000030"));

      CheckpointPath newest = find(run);

      assertEquals(20, newest.folder().manifest().step());
      assertEquals(List.of(10L, 20L), newest.committedSteps());
    }
  }

  @Test
  void shouldTellTheStepsOfTheRunBesideAStepOfIt() throws IOException {
    SampleCheckpoint.write(folder.resolve("step-00000010"), 10);
    SampleCheckpoint.write(folder.resolve("step-00000020"), 20);
    SampleCheckpoint.write(folder.resolve("best"), 20);

    assertEquals(List.of(10L, 20L), find(folder.resolve("step-00000010")).committedSteps());
    assertEquals(List.of(), find(folder.resolve("best")).committedSteps());
  }

  @Test
  void shouldLeaveADamagedManifestToWhoeverReadsIt() throws IOException {
    Path step = Files.createDirectory(folder.resolve("step-00000020"));
    Files.writeString(step.resolve("manifest.json"), "{");

    assertEquals(List.of(), find(step).committedSteps());
    assertEquals(1, find(step).folder().verify().size());
  }

  @Test
  void shouldSayWhatIsNotACheckpoint() throws IOException {
    assertRefused(
        folder.resolve("none"), "No such folder; give a run folder or a checkpoint: path=");
    assertRefused(
        Files.createDirectory(folder.resolve("empty")),
        "No checkpoint found; give a run folder or a checkpoint: path=");
    Path model = Files.createDirectory(folder.resolve("gpt2"));
    Files.writeString(model.resolve("config.json"), "{}");
    assertRefused(model, "No checkpoint found; give a run folder or a checkpoint: path=");
    assertTrue(CheckpointPath.isModel(hadoop, model.toString()));
    for (String rest : List.of("trainer.json", "optimizer-00001-of-00002.safetensors")) {
      Path torn = Files.createDirectory(folder.resolve("step-0000002" + rest.length()));
      Files.writeString(torn.resolve(rest), "");
      Files.writeString(torn.resolve("config.json"), "{}");
      assertFalse(CheckpointPath.isModel(hadoop, torn.toString()));
      assertRefused(
          torn,
          "The checkpoint was not finished, or not copied whole, for it has no manifest.json; give"
              + " another step of the run: path=");
    }
  }

  private void assertRefused(Path path, String text) {
    CommandException e = assertThrows(CommandException.class, () -> find(path));
    assertEquals(text + path, e.getMessage());
  }

  private CheckpointPath find(Path path) throws IOException {
    return CheckpointPath.find(hadoop, path.toString());
  }
}
