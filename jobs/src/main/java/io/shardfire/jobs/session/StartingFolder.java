package io.shardfire.jobs.session;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.StartingModel;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Finds the model that a run begins with. A run that goes on does not look at it, for it may be
 * gone by then: the run's own newest checkpoint stands in its place.
 *
 * @param resumes whether the run goes on where it has a checkpoint
 */
public record StartingFolder(Configuration hadoop, boolean resumes) {
  /**
   * The shape of the run's model.
   *
   * @throws CommandException when there is no such model
   */
  public Optional<ModelConfiguration> shape(String from, String run) {
    Path folder = newest(run).orElseGet(() -> resolve(from));
    try {
      return Optional.of(StartingModel.model(hadoop, folder.toString()));
    } catch (CheckpointException | IllegalArgumentException e) {
      throw unusable(from, e);
    }
  }

  /**
   * The folder to read the weights from; empty where the run goes on, or begins at random.
   *
   * @throws CommandException when there is no such model
   */
  public String folder(String from, String run) {
    return from.isBlank() || newest(run).isPresent() ? "" : resolve(from).toString();
  }

  private Optional<Path> newest(String run) {
    if (!resumes || run.isBlank()) {
      return Optional.empty();
    }
    CheckpointStore store = CheckpointStore.open(hadoop, new Path(run));
    return store.newestValid().map(store::folder);
  }

  private Path resolve(String from) {
    try {
      return ModelFolder.resolve(hadoop, from);
    } catch (IOException | CheckpointException e) {
      throw unusable(from, e);
    }
  }

  private static CommandException unusable(String from, Exception e) {
    return new CommandException(
        "The model to start from cannot be used; give a run, a checkpoint or a Hugging Face folder:"
            + " from="
            + from
            + ", problem="
            + e.getMessage(),
        e);
  }
}
