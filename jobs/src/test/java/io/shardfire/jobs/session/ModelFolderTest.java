package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
        "No such model folder; give a checkpoint, a run folder or a Hugging Face folder: model="
            + missing,
        thrown.getMessage());
  }

  @Test
  void shouldNameAFolderWithoutAModel() {
    CommandException thrown =
        assertThrows(CommandException.class, () -> ModelFolder.resolve(hadoop, folder.toString()));
    assertEquals(
        "Neither a model (no config.json) nor a run with a valid checkpoint; give a checkpoint, a run"
            + " folder or a Hugging Face folder: model="
            + folder,
        thrown.getMessage());
  }

  @Test
  void shouldVerifyACheckpointUnderAnyName() throws IOException {
    for (String name : List.of("best", "step-20", "step-00000030")) {
      Path checkpoint = folder.resolve(name);
      SampleCheckpoint.write(checkpoint, 20);
      assertEquals(checkpoint.toString(), resolve(checkpoint));

      Files.writeString(checkpoint.resolve("config.json"), "{ \"n_layer\": 2 }");
      CommandException thrown = assertThrows(CommandException.class, () -> resolve(checkpoint));
      assertTrue(
          thrown
              .getMessage()
              .startsWith(
                  "The checkpoint is damaged; take another step of the run: model="
                      + checkpoint
                      + "\n  file="
                      + checkpoint.resolve("config.json")
                      + ", expected sha256="),
          thrown.getMessage());
    }
  }

  @Test
  void shouldTakeTheNewestStepOfARunUnderAnyName() throws IOException {
    Path run = folder.resolve("step-7");
    SampleCheckpoint.write(run.resolve("step-00000010"), 10);
    SampleCheckpoint.write(run.resolve("step-00000020"), 20);

    assertEquals(run.resolve("step-00000020").toString(), resolve(run));
  }

  @Test
  void shouldRefuseACheckpointThatWasNotFinished() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("optimizer-00000-of-00002.safetensors"), "");

    CommandException thrown = assertThrows(CommandException.class, () -> resolve(folder));
    assertEquals(
        "The checkpoint was not finished, or not copied whole, for it has no manifest.json; give"
            + " another step of the run: model="
            + folder,
        thrown.getMessage());
  }

  private String resolve(Path model) throws IOException {
    return ModelFolder.resolve(hadoop, model.toString()).toString();
  }
}
