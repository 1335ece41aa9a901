package io.shardfire.driver.plan;

import io.shardfire.sharding.lease.LeaseClaim;
import io.shardfire.sharding.lease.Submission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * How a run begins in its folder, decided from what the folder holds.
 *
 * @param mode what is done; differs from what was asked where an earlier attempt of the same
 *     submission has begun already
 * @param runId of the run that begins or goes on
 * @param begunBy id of the submission that began it, or empty
 * @param notice to print; empty when all is as asked
 * @param problem why it cannot begin; mostly empty
 */
public record RunBeginning(
    ExistingRun mode,
    String runId,
    String begunBy,
    Optional<String> notice,
    Optional<Problem> problem) {
  /**
   * Decides.
   *
   * @param last the newest claim of the folder
   * @param runIds of the committed steps; empty ones are of versions that knew none, and belong to
   *     any run
   * @param fresh id of a run that begins
   */
  static RunBeginning decide(
      ExistingRun asked,
      Submission mine,
      Optional<LeaseClaim> last,
      SortedMap<Long, String> runIds,
      String fresh) {
    Optional<LeaseClaim> known = last.filter(claim -> !claim.runId().isEmpty());
    if (asked == ExistingRun.RESUME) {
      return resume(mine, known, runIds, fresh);
    }
    Optional<LeaseClaim> earlier = known.filter(mine::began);
    if (earlier.isEmpty()) {
      return as(asked, fresh, mine.id());
    }
    String runId = earlier.get().runId();
    Optional<String> other =
        runIds.values().stream().filter(id -> !id.isEmpty() && !id.equals(runId)).findFirst();
    if (asked == ExistingRun.REFUSE && other.isPresent()) {
      return refused(runId, other.get(), runIds);
    }
    boolean hasSteps = runIds.containsValue(runId);
    if (!hasSteps && asked == ExistingRun.OVERWRITE) {
      // The earlier attempt may have ended before it had deleted what was there.
      return as(ExistingRun.OVERWRITE, fresh, mine.id());
    }
    return new RunBeginning(
        ExistingRun.RESUME,
        runId,
        mine.id(),
        Optional.of(
            "An earlier attempt of submission "
                + mine.id()
                + " began this run; going on "
                + (hasSteps ? "from its newest checkpoint" : "from the start, for it left none")
                + ": run id="
                + runId),
        Optional.empty());
  }

  private static RunBeginning as(ExistingRun mode, String runId, String begunBy) {
    return new RunBeginning(mode, runId, begunBy, Optional.empty(), Optional.empty());
  }

  private static RunBeginning resume(
      Submission mine, Optional<LeaseClaim> last, SortedMap<Long, String> runIds, String fresh) {
    TreeSet<String> ids = new TreeSet<>(runIds.values());
    ids.remove("");
    if (last.isPresent()) {
      String own = last.get().runId();
      ids.remove(own);
      return ids.isEmpty()
          ? as(ExistingRun.RESUME, own, last.get().begunBy())
          : refused(own, ids.first(), runIds);
    }
    if (ids.size() > 1) {
      return refused(ids.first(), ids.last(), runIds);
    }
    if (ids.isEmpty()) {
      return as(ExistingRun.RESUME, fresh, runIds.isEmpty() ? mine.id() : "");
    }
    // A folder that a user put together from the steps of one run goes on with that run.
    return as(ExistingRun.RESUME, ids.first(), "");
  }

  private static RunBeginning refused(String own, String other, SortedMap<Long, String> runIds) {
    List<Long> steps =
        runIds.entrySet().stream()
            .filter(step -> step.getValue().equals(other))
            .map(Map.Entry::getKey)
            .toList();
    Problem problem =
        new Problem(
            "The run folder holds checkpoints of another run: run id="
                + own
                + ", other run id="
                + other
                + ", steps of the other run="
                + steps,
            "Move those steps to a folder of their own, where --resume goes on with that run, or"
                + " give --overwrite to start anew");
    return new RunBeginning(ExistingRun.RESUME, own, "", Optional.empty(), Optional.of(problem));
  }
}
