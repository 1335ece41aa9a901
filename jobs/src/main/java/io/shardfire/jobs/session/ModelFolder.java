package io.shardfire.jobs.session;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Finds the model that a path means. */
public final class ModelFolder {
  private ModelFolder() {}

  /**
   * The folder itself when it holds a {@code config.json}: a checkpoint step or a Hugging Face
   * folder. Otherwise the newest valid step of the run folder.
   *
   * @throws CommandException when there is neither
   */
  public static Path resolve(Configuration hadoop, String model) throws IOException {
    Path folder = new Path(model);
    FileSystem files = folder.getFileSystem(hadoop);
    if (!files.exists(folder)) {
      throw new CommandException(
          "No such model folder; give a checkpoint step, a run folder or a Hugging Face folder:"
              + " model="
              + model);
    }
    if (files.exists(new Path(folder, "config.json"))) {
      if (files.exists(new Path(folder, "manifest.json"))) {
        verify(CheckpointPath.find(hadoop, model), model);
      }
      return folder;
    }
    CheckpointStore store = CheckpointStore.open(hadoop, folder);
    Optional<Long> newest = store.newestValid();
    return newest
        .map(store::folder)
        .orElseThrow(
            () ->
                new CommandException(
                    "Neither a model (no config.json) nor a run with a valid checkpoint; give a"
                        + " checkpoint step, a run folder or a Hugging Face folder: model="
                        + model));
  }

  private static void verify(CheckpointPath path, String model) {
    List<String> problems = path.store().verify(path.step());
    if (!problems.isEmpty()) {
      throw new CommandException(
          "The checkpoint is damaged; take another step of the run: model="
              + model
              + "\n  "
              + String.join("\n  ", problems));
    }
  }
}
