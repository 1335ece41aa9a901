package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.jobs.command.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelFolderTest {
  private final Configuration hadoop = new Configuration();

  @TempDir Path folder;

  @Test
  void shouldTakeAFolderWithAModel() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");

    assertEquals(
        new org.apache.hadoop.fs.Path(folder.toString()),
        ModelFolder.resolve(hadoop, folder.toString()));
  }

  @Test
  void shouldNameAFolderThatIsNotThere() {
    String missing = folder.resolve("none").toString();

    CommandException thrown =
        assertThrows(CommandException.class, () -> ModelFolder.resolve(hadoop, missing));
    assertEquals(
        "No such model folder; give a checkpoint step, a run folder or a Hugging Face folder: model="
            + missing,
        thrown.getMessage());
  }

  @Test
  void shouldNameAFolderWithoutAModel() {
    CommandException thrown =
        assertThrows(CommandException.class, () -> ModelFolder.resolve(hadoop, folder.toString()));
    assertEquals(
        "Neither a model (no config.json) nor a run with a valid checkpoint; give a checkpoint step,"
            + " a run folder or a Hugging Face folder: model="
            + folder,
        thrown.getMessage());
  }

  @Test
  void shouldNameAFolderWithoutCheckpoints() {
    CommandException thrown =
        assertThrows(CommandException.class, () -> CheckpointPath.find(hadoop, folder.toString()));
    assertEquals(
        "No checkpoint found; give a run folder or one of its step folders: path=" + folder,
        thrown.getMessage());
  }

  @Test
  void shouldReadTheStepFromTheName() {
    assertEquals(20, CheckpointPath.find(hadoop, folder + "/step-00000020").step());
  }
}
