package io.shardfire.driver.plan;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointReader;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.resume.Continuation;
import io.shardfire.worker.resume.Refusal;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.train.SavedRun;
import java.util.List;
import java.util.Optional;

/** The newest checkpoint of the run folder against the run that is to continue it. */
final class ResumeChecks {
  private final PretrainConfiguration configuration;
  private final CheckpointStore checkpoints;
  private final List<Problem> problems;

  ResumeChecks(
      PretrainConfiguration configuration, CheckpointStore checkpoints, List<Problem> problems) {
    this.configuration = configuration;
    this.checkpoints = checkpoints;
    this.problems = problems;
  }

  /**
   * Where the run would go on; empty when a problem keeps it from that.
   *
   * @param settings of the run, as far as they are known
   * @param model with its vocabulary size, when that is known
   */
  Optional<RunStart> check(RunSettings settings, Optional<ModelConfiguration> model) {
    try {
      Optional<Long> newest = checkpoints.newestValid();
      if (newest.isPresent()) {
        return continued(newest.get(), settings, model);
      }
      return checkpoints.committedSteps().isEmpty() ? anew() : allDamaged();
    } catch (CheckpointException e) {
      problems.add(
          new Problem(
              "The checkpoint cannot be resumed: " + e.getMessage(),
              "Repair the run folder, or give --overwrite to start anew"));
      return Optional.empty();
    }
  }

  private Optional<RunStart> continued(
      long step, RunSettings settings, Optional<ModelConfiguration> model) {
    CheckpointReader reader = CheckpointReader.openVerified(checkpoints, step);
    SavedRun saved = SavedRun.read(reader);
    Continuation continuation =
        saved.continuedBy(
            settings, configuration.training().steps(), configuration.changesThatMayBeMade());
    for (Refusal refusal : continuation.refusals()) {
      problems.add(new Problem(refusal.finding(), refusal.remedy()));
    }
    List<String> unchanged =
        continuation.unchanged().stream().filter(configuration.allowedChanges()::contains).toList();
    unchanged.forEach(key -> problems.add(unchanged(key, step)));
    if (!continuation.refusals().isEmpty() || !unchanged.isEmpty()) {
      return Optional.empty();
    }
    model.ifPresent(known -> saved.requireWhole(known, configuration.training()));
    return Optional.of(
        new RunStart.Resume(
            step,
            configuration.training().steps(),
            checkpoints.folder(step).toString(),
            continuation.changes()));
  }

  private static Problem unchanged(String key, long step) {
    return new Problem(
        "A setting that may change has the value of the checkpoint: --allow-change "
            + key
            + ", step="
            + step,
        "Give it another value, or leave --allow-change " + key + " out");
  }

  private Optional<RunStart> anew() {
    if (configuration.allowedChanges().isEmpty()) {
      return Optional.of(new RunStart.Anew());
    }
    problems.add(
        new Problem(
            "There is no checkpoint whose settings could change: run="
                + configuration.run()
                + ", --allow-change "
                + String.join(",", configuration.allowedChanges()),
            "Set run to the folder of the run to be resumed, or leave --allow-change out"));
    return Optional.empty();
  }

  private Optional<RunStart> allDamaged() {
    List<Long> steps = checkpoints.committedSteps();
    problems.add(
        new Problem(
            "No checkpoint of the run is undamaged: run="
                + configuration.run()
                + ", first damage="
                + String.join("; ", checkpoints.verify(steps.get(steps.size() - 1))),
            "Restore the file, or give --overwrite to start anew"));
    return Optional.empty();
  }
}
