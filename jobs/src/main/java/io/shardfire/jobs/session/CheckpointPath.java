package io.shardfire.jobs.session;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A step of a run, by the path a user gave.
 *
 * @param store the run
 * @param step the step
 */
public record CheckpointPath(CheckpointStore store, long step) {
  private static final Pattern STEP = Pattern.compile("step-(\\d{1,18})");

  /**
   * The step a path names: a folder {@code step-00001000}, or a run folder, for its newest step
   * with a manifest, damaged or not.
   *
   * @throws CommandException when there is no step
   */
  public static CheckpointPath find(Configuration hadoop, String path) {
    Path folder = new Path(path);
    Matcher name = STEP.matcher(folder.getName());
    if (name.matches()) {
      Path run = Optional.ofNullable(folder.getParent()).orElse(new Path("."));
      return new CheckpointPath(CheckpointStore.open(hadoop, run), Long.parseLong(name.group(1)));
    }
    CheckpointStore store = CheckpointStore.open(hadoop, folder);
    List<Long> steps = store.committedSteps();
    if (steps.isEmpty()) {
      throw new CommandException(
          "No checkpoint found; give a run folder or one of its step folders: path=" + path);
    }
    return new CheckpointPath(store, steps.get(steps.size() - 1));
  }
}
