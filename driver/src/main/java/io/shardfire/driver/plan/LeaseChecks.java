package io.shardfire.driver.plan;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.lease.LeaseView;
import io.shardfire.sharding.lease.ProcessTable;
import io.shardfire.sharding.lease.Submission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** The run folder must be nobody else's. */
final class LeaseChecks {
  private LeaseChecks() {}

  /**
   * What would be done with the run in the folder; empty when the folder cannot be had, so that
   * nothing else is to be said about it.
   */
  static Optional<ExistingRun> check(
      ExistingRun asked, RunFolder folder, Submission submission, List<Problem> problems) {
    try {
      LeaseView view = LeaseView.look(folder.leases(), submission, new ProcessTable());
      view.refusal().ifPresent(r -> problems.add(new Problem(r.finding(), r.remedy())));
      RunBeginning beginning = folder.beginning(asked, submission, view.last());
      beginning.problem().ifPresent(problems::add);
      boolean free = view.refusal().isEmpty() && beginning.problem().isEmpty();
      return free ? Optional.of(beginning.mode()) : Optional.empty();
    } catch (IOException
        | UncheckedIOException
        | CheckpointException
        | IllegalArgumentException e) {
      // The checks of the folder itself say that it cannot be read, and why.
      return Optional.of(asked);
    }
  }
}
