package io.shardfire.jobs.session;

import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.sharding.checkpoint.CheckpointFolder;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Finds the model that a path means. */
public final class ModelFolder {
  private ModelFolder() {}

  /**
   * The folder itself when it is a checkpoint, under whatever name, or a Hugging Face folder;
   * otherwise the newest valid step of the run folder.
   *
   * @throws CommandException when there is neither, or the checkpoint is damaged or unfinished
   */
  public static Path resolve(Configuration hadoop, String model) throws IOException {
    return new BlockingCalls(System.err::println)
        .run("the files of the model: model=" + model, () -> find(hadoop, model));
  }

  private static Path find(Configuration hadoop, String model) throws IOException {
    Path path = new Path(model);
    FileSystem files = path.getFileSystem(hadoop);
    if (!files.exists(path)) {
      throw new CommandException(
          "No such model folder; give a checkpoint, a run folder or a Hugging Face folder: model="
              + model);
    }
    CheckpointFolder folder = CheckpointFolder.of(hadoop, path);
    if (folder.isCommitted()) {
      verify(folder, model);
      return path;
    }
    if (folder.isUnfinished()) {
      throw new CommandException(
          "The checkpoint was not finished, or not copied whole, for it has no manifest.json; give"
              + " another step of the run: model="
              + model);
    }
    if (folder.has("config.json")) {
      return path;
    }
    CheckpointStore store = CheckpointStore.open(hadoop, path);
    return store
        .newestValid()
        .map(store::folder)
        .orElseThrow(
            () ->
                new CommandException(
                    "Neither a model (no config.json) nor a run with a valid checkpoint; give a"
                        + " checkpoint, a run folder or a Hugging Face folder: model="
                        + model));
  }

  private static void verify(CheckpointFolder folder, String model) {
    List<String> problems = folder.verify();
    if (!problems.isEmpty()) {
      throw new CommandException(
          "The checkpoint is damaged; take another step of the run: model="
              + model
              + "\n  "
              + String.join("\n  ", problems));
    }
  }
}
