package io.shardfire.worker.train;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointReader;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.resume.Continuation;
import io.shardfire.worker.resume.Refusal;
import io.shardfire.worker.resume.RunSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A checkpoint as a run to be continued. The driver asks before anything starts, and every rank
 * before it reads the weights; both ask here, so that both decide alike.
 *
 * @param state its trainer.json
 */
public record SavedRun(CheckpointReader reader, TrainerState state) {

  /**
   * Reads what the checkpoint says of itself.
   *
   * @throws CheckpointException when that cannot be understood
   */
  public static SavedRun read(CheckpointReader reader) {
    ModelConfiguration model;
    try {
      model = ConfigurationFile.read(reader.document(ConfigurationFile.NAME));
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(e.getMessage() + "; resume from another checkpoint", e);
    }
    return new SavedRun(reader, TrainerStateReader.read(reader.document(TrainerState.NAME), model));
  }

  /**
   * Compares a run with the checkpoint.
   *
   * @param steps training.steps of the run
   * @param allowed keys of settings that may differ
   */
  public Continuation continuedBy(RunSettings run, long steps, Collection<String> allowed) {
    Continuation found = Continuation.of(state.step(), state.settings(), run, allowed);
    List<Refusal> refusals = new ArrayList<>(found.refusals());
    if (steps < state.step()) {
      refusals.add(
          new Refusal(
              "The run is already beyond its last step: training.steps="
                  + steps
                  + ", step of the checkpoint="
                  + state.step(),
              "Set training.steps to " + state.step() + " or more, or choose another run folder"));
    }
    List<String> unchanged =
        found.unchanged().stream().filter(key -> !state.hasChanged(key)).toList();
    return new Continuation(refusals, found.changes(), unchanged);
  }

  /**
   * Checks that the checkpoint has every weight of the model and the optimizer's state, by the
   * headers of the files.
   *
   * @throws CheckpointException naming what is missing, or of another shape
   */
  public void requireWhole(ModelConfiguration model, TrainingConfiguration training) {
    ShardLayout layout = ShardLayout.of(Architecture.units(model), 1);
    reader.requireFits(layout, UpdateRule.of(training).moments(layout, training.zeroStage()).set());
  }
}
