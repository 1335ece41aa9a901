package io.shardfire.jobs.session;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointFolder;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.worker.data.TokenIndex;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A checkpoint, by the path a user gave.
 *
 * @param folder of the checkpoint
 * @param committedSteps of the run that it is in; empty for a folder that is not in a run
 */
public record CheckpointPath(CheckpointFolder folder, List<Long> committedSteps) {
  /** Copies. */
  public CheckpointPath {
    committedSteps = List.copyOf(committedSteps);
  }

  /**
   * The folder itself when it has a manifest, whatever its name: a step of a run, or a copy of one.
   * Otherwise the newest step of the run folder that has one, damaged or not.
   *
   * @throws CommandException when there is no such checkpoint
   */
  public static CheckpointPath find(Configuration hadoop, String path) throws IOException {
    Path given = new Path(path);
    FileSystem files = given.getFileSystem(hadoop);
    if (!files.exists(given)) {
      throw new CommandException("No such folder; give a run folder or a checkpoint: path=" + path);
    }
    CheckpointFolder folder = CheckpointFolder.of(hadoop, given);
    if (folder.isCommitted()) {
      Path run = files.makeQualified(given).getParent();
      return new CheckpointPath(
          folder, run == null ? List.of() : stepsOf(CheckpointStore.open(hadoop, run), folder));
    }
    CheckpointStore store = CheckpointStore.open(hadoop, given);
    List<Long> steps = store.committedSteps();
    if (steps.isEmpty()) {
      throw new CommandException(nothing(folder) + ": path=" + path);
    }
    return new CheckpointPath(store.checkpoint(steps.get(steps.size() - 1)), steps);
  }

  /** Whether a path is that of a prepared corpus. */
  public static boolean isCorpus(Configuration hadoop, String path) {
    return CheckpointFolder.of(hadoop, new Path(path)).has(TokenIndex.FILE);
  }

  /** Whether a path is that of a Hugging Face folder, which no run has finished or begun. */
  public static boolean isModel(Configuration hadoop, String path) {
    CheckpointFolder folder = CheckpointFolder.of(hadoop, new Path(path));
    return !folder.isCommitted() && !folder.isUnfinished() && folder.has("config.json");
  }

  /** The steps of the run folder above, when the checkpoint is one of them, by its name. */
  private static List<Long> stepsOf(CheckpointStore store, CheckpointFolder folder)
      throws FileNotFoundException {
    try {
      long step = folder.manifest().step();
      return store.folder(step).getName().equals(folder.path().getName())
          ? store.committedSteps()
          : List.of();
    } catch (CheckpointException e) {
      // Whoever reads the checkpoint says what is wrong with its manifest.
      return List.of();
    }
  }

  private static String nothing(CheckpointFolder folder) {
    if (folder.isUnfinished()) {
      return "The checkpoint was not finished, or not copied whole, for it has no manifest.json;"
          + " give another step of the run";
    }
    return "No checkpoint found; give a run folder or a checkpoint";
  }
}
