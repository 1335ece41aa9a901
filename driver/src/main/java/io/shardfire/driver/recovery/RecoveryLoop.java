package io.shardfire.driver.recovery;

import io.shardfire.driver.plan.RankPlan;
import io.shardfire.driver.plan.RecoveryConfiguration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Runs generations until one reaches the last step. Spark never retries a barrier result stage, so
 * this loop does: it prints the cause, waits for executors, and starts the next generation from the
 * newest valid checkpoint.
 *
 * @param <T> result of a finished generation
 */
public final class RecoveryLoop<T> {
  private final RecoveryConfiguration configuration;
  private final RankPlan plan;
  private final GenerationLauncher<T> launcher;
  private final ExecutorPool executors;
  private final LongSupplier newestCheckpoint;
  private final BooleanSupplier cancelled;
  private final RecoveryListener listener;

  /**
   * @param newestCheckpoint step of the newest valid checkpoint; -1 when there is none
   * @param cancelled whether the run was stopped on request
   */
  public RecoveryLoop(
      RecoveryConfiguration configuration,
      RankPlan plan,
      GenerationLauncher<T> launcher,
      ExecutorPool executors,
      LongSupplier newestCheckpoint,
      BooleanSupplier cancelled,
      RecoveryListener listener) {
    this.configuration = configuration;
    this.plan = plan;
    this.launcher = launcher;
    this.executors = executors;
    this.newestCheckpoint = newestCheckpoint;
    this.cancelled = cancelled;
    this.listener = listener;
  }

  /**
   * Runs to the end.
   *
   * @param resume whether the first generation goes on from a checkpoint; all later ones do
   */
  public RunEnd<T> run(boolean resume) {
    RecoveryPolicy policy = new RecoveryPolicy(configuration, plan, newestCheckpoint.getAsLong());
    Generation generation = new Generation(0, plan.ranks(), resume);
    while (!cancelled.getAsBoolean()) {
      GenerationEnd<T> end = launcher.run(generation);
      if (end instanceof GenerationEnd.Completed<T> completed) {
        return new RunEnd.Completed<>(completed.result(), policy.restarts());
      }
      if (cancelled.getAsBoolean()) {
        break;
      }
      GenerationEnd.Failed<T> failed = (GenerationEnd.Failed<T>) end;
      Failure failure = failed.failure();
      listener.onFailure(generation, failure);
      long checkpoint = newestCheckpoint.getAsLong();
      Optional<String> giveUp =
          failed.obstacle().or(() -> policy.afterFailure(failure, checkpoint));
      if (giveUp.isPresent()) {
        return new RunEnd.GivenUp<>(failure, giveUp.get());
      }
      listener.onWait(plan.ranks(), configuration.replacementTimeout());
      int slots = executors.awaitSlots(plan.ranks(), configuration.replacementTimeout());
      int ranks = policy.ranksWithin(slots);
      if (cancelled.getAsBoolean()) {
        break;
      }
      if (ranks == 0) {
        return new RunEnd.GivenUp<>(failure, tooFewSlots(slots));
      }
      generation = new Generation(generation.number() + 1, ranks, true);
      listener.onRestart(generation, Math.max(0, checkpoint), policy.restartsInARow());
    }
    return new RunEnd.Cancelled<>();
  }

  private String tooFewSlots(int slots) {
    String finding =
        "Only "
            + slots
            + " of "
            + plan.ranks()
            + " ranks found a place within recovery.replacementTimeoutSeconds="
            + configuration.replacementTimeoutSeconds();
    return configuration.allowFewerRanks()
        ? finding + ", and no smaller number shares " + plan.logicalShards() + " logical shards"
        : finding + "; recovery.allowFewerRanks=true would go on with fewer";
  }
}
