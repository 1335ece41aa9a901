package io.shardfire.sharding.lease;

import java.io.Serializable;
import java.util.Objects;

/**
 * What the ranks of one generation show to write into the run folder.
 *
 * @param runId of the run, which their checkpoints name
 * @param owner random, of the driver's run
 * @param generation they may write while no newer one is claimed
 */
public record LeaseTicket(String runId, String owner, long generation) implements Serializable {
  /** Checks. */
  public LeaseTicket {
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(owner, "owner");
  }

  /** Whether this is the ticket of a generation that a folder lists. */
  boolean isOf(LeaseEntry entry) {
    // Only its owner has ever written a claim, so one that cannot be read is the owner's, damaged.
    return entry.generation() == generation
        && entry.claim().map(claim -> claim.owner().equals(owner)).orElse(true);
  }
}
