package io.shardfire.driver.recovery;

import io.shardfire.driver.plan.RankPlan;
import io.shardfire.driver.plan.RecoveryConfiguration;
import java.util.Optional;

/**
 * Decides what to do after a failure. Restarts are counted until a newer checkpoint shows that the
 * run has got further; a failure that comes back at the same place therefore ends the run, and rare
 * ones do not, however long it is. Confined to one thread.
 */
public final class RecoveryPolicy {
  private final RecoveryConfiguration configuration;
  private final RankPlan plan;
  private int inARow;
  private int total;
  private long newestCheckpoint;

  /**
   * @param newestCheckpoint step of the newest valid checkpoint at the start; -1 when there is none
   */
  public RecoveryPolicy(RecoveryConfiguration configuration, RankPlan plan, long newestCheckpoint) {
    this.configuration = configuration;
    this.plan = plan;
    this.newestCheckpoint = newestCheckpoint;
  }

  /**
   * Notes a failure.
   *
   * @param checkpoint step of the newest valid checkpoint now; -1 when there is none
   * @return why to give up; empty when the run is to be started again
   */
  public Optional<String> afterFailure(Failure failure, long checkpoint) {
    if (checkpoint > newestCheckpoint) {
      newestCheckpoint = checkpoint;
      inARow = 0;
    }
    if (!failure.worthRetrying()) {
      return Optional.of("It would happen again, so the run is not restarted");
    }
    if (inARow >= configuration.maxRestarts()) {
      return Optional.of(
          "No newer checkpoint after "
              + inARow
              + " restarts in a row, and recovery.maxRestarts="
              + configuration.maxRestarts());
    }
    inARow++;
    total++;
    return Optional.empty();
  }

  /**
   * The ranks to go on with.
   *
   * @param slots how many find a place
   * @return 0 when the run cannot go on
   */
  public int ranksWithin(int slots) {
    if (slots >= plan.ranks()) {
      return plan.ranks();
    }
    return configuration.allowFewerRanks() ? plan.largestWithin(slots) : 0;
  }

  /** Which restart in a row this is, from 1. */
  public int restartsInARow() {
    return inARow;
  }

  /** All restarts of the run. */
  public int restarts() {
    return total;
  }
}
