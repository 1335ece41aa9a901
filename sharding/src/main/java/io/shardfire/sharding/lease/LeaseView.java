package io.shardfire.sharding.lease;

import io.shardfire.sharding.lease.LeaseHeldException.Refusal;
import io.shardfire.sharding.lease.ProcessTable.Liveness;
import java.io.IOException;
import java.util.Optional;

/**
 * A look at who owns a run folder.
 *
 * @param generation of the newest claim; 0 when there is none
 * @param last the newest claim, its owner alive or not; empty when there is none that can be read
 * @param refusal why the folder cannot be had, whose it is, and what to do; empty when it is free
 * @param takeover why it is free although its last owner did not release it; empty otherwise
 */
public record LeaseView(
    LeaseFolder folder,
    long generation,
    Optional<LeaseClaim> last,
    Optional<Refusal> refusal,
    Optional<String> takeover) {
  /**
   * Looks.
   *
   * @param mine what the driver that asks is an attempt of
   */
  public static LeaseView look(LeaseFolder folder, Submission mine, ProcessTable processes)
      throws IOException {
    Optional<LeaseEntry> newest = folder.newest();
    if (newest.isEmpty()) {
      return new LeaseView(folder, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }
    LeaseEntry entry = newest.get();
    if (entry.released()) {
      return free(folder, entry, Optional.empty());
    }
    long age = Math.max(0, folder.now() - entry.renewed()) / 1000;
    long period = entry.claim().map(LeaseClaim::periodSeconds).orElse(RunLease.PERIOD_SECONDS);
    if (age >= period) {
      return free(
          folder, entry, Optional.of(name(entry) + " has not renewed its lease for " + age + " s"));
    }
    if (entry.claim().isEmpty()) {
      return held(
          folder,
          entry,
          new Refusal(
              "Another run is just taking the run folder, or the file of its lease is damaged: file="
                  + folder.claimFile(entry.generation())
                  + ", written="
                  + age
                  + " s ago",
              "Try again in "
                  + (period - age)
                  + " s, or delete the file if no run uses the folder"));
    }
    LeaseClaim claim = entry.claim().get();
    Liveness liveness = processes.liveness(claim.holder());
    if (liveness == Liveness.ENDED) {
      return free(folder, entry, Optional.of(name(entry) + " has ended without releasing it"));
    }
    if (mine.made(claim) && (mine.managed() || liveness == Liveness.UNKNOWN)) {
      return free(
          folder,
          entry,
          Optional.of(name(entry) + " was an earlier attempt of submission " + mine.id()));
    }
    return held(folder, entry, heldBy(folder, claim, age));
  }

  private static String name(LeaseEntry entry) {
    return entry.claim().map(claim -> claim.holder().toString()).orElse("an unknown run");
  }

  private static Refusal heldBy(LeaseFolder folder, LeaseClaim claim, long age) {
    return new Refusal(
        "The run folder belongs to a run that is going on: run="
            + folder.run()
            + ", holder="
            + claim.holder()
            + ", since="
            + claim.since()
            + ", renewed="
            + age
            + " s ago, run id="
            + claim.runId(),
        "Choose another run folder, or end that run; if it died on another machine, its folder is"
            + " free "
            + claim.periodSeconds()
            + " s after the last renewal");
  }

  private static LeaseView free(LeaseFolder folder, LeaseEntry entry, Optional<String> takeover) {
    return new LeaseView(folder, entry.generation(), entry.claim(), Optional.empty(), takeover);
  }

  private static LeaseView held(LeaseFolder folder, LeaseEntry entry, Refusal refusal) {
    return new LeaseView(
        folder, entry.generation(), entry.claim(), Optional.of(refusal), Optional.empty());
  }
}
