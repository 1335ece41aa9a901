package io.shardfire.sharding.lease;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * The driver's hold on a run folder, from the claim to the release. The lease renews itself on its
 * timer's thread; should that fail for a while, the run goes on, because rank 0 looks before every
 * commit, and hears of the loss when another driver has used the chance. Thread-safe.
 */
public final class RunLease implements AutoCloseable {
  /** An owner that has not renewed its lease for so long is taken to be dead. */
  static final int PERIOD_SECONDS = 60;

  /** Three renewals may fail in a row. */
  static final Duration RENEWAL = Duration.ofSeconds(15);

  /** How long claims may cross each other where the file system cannot refuse one of them. */
  public static final Duration SETTLE = Duration.ofSeconds(3);

  private final LeaseFolder folder;
  private final InstantSource clock;
  private final LeaseTimer timer;
  private final LeaseListener listener;
  private LeaseClaim claim;
  private LeaseLostException lost;
  private boolean failing;

  private RunLease(
      LeaseFolder folder,
      LeaseClaim claim,
      InstantSource clock,
      LeaseTimer timer,
      LeaseListener listener) {
    this.folder = folder;
    this.claim = claim;
    this.clock = clock;
    this.timer = timer;
    this.listener = listener;
  }

  /**
   * Claims the folder that was looked at, with whatever run it holds: nothing there changes before
   * {@link #hold}.
   *
   * @param timer renews the lease; closed by it
   * @throws LeaseHeldException when it is not free, or another driver claims it now
   */
  public static RunLease acquire(
      LeaseView view,
      Submission submission,
      LeaseHolder holder,
      InstantSource clock,
      LeaseTimer timer,
      LeaseListener listener)
      throws IOException {
    if (view.refusal().isPresent()) {
      throw new LeaseHeldException(view.refusal().get());
    }
    LeaseClaim claim =
        new LeaseClaim(
            LeaseClaim.VERSION,
            view.generation() + 1,
            view.last().map(LeaseClaim::runId).orElse(""),
            view.last().map(LeaseClaim::begunBy).orElse(""),
            UUID.randomUUID().toString(),
            submission.id(),
            holder,
            clock.instant().toString(),
            PERIOD_SECONDS);
    RunLease lease = new RunLease(view.folder(), claim, clock, timer, listener);
    Optional<LeaseEntry> other = lease.claim();
    if (other.isPresent()) {
      throw new LeaseHeldException(
          new LeaseHeldException.Refusal(
              "Another run has taken the run folder at the same moment: run="
                  + view.folder().run()
                  + ", holder="
                  + other.get().claim().map(c -> c.holder().toString()).orElse("unknown"),
              "Choose another run folder, or end that run"));
    }
    try {
      lease.begin();
    } catch (IOException e) {
      lease.close();
      throw e;
    }
    return lease;
  }

  private void begin() throws IOException {
    folder.renew(claim.generation(), claim.since());
    folder.deleteBefore(claim.generation());
    timer.every(RENEWAL, this::renew);
  }

  /** Creates the file of the claim and reads it back; the entry of whoever has it instead. */
  private Optional<LeaseEntry> claim() throws IOException {
    boolean created = folder.claim(claim);
    if (created && !folder.claimsAtomically()) {
      timer.settle(SETTLE);
    }
    // Also where it was created: a folder whose files were deleted may have a newer claim.
    LeaseEntry newest =
        folder
            .newest()
            .orElseThrow(() -> new IOException("The claim is gone as soon as it was written"));
    // The file may be ours although creating it was said to have failed.
    boolean ours = claim.ticket().isOf(newest) && (created || newest.claim().isPresent());
    return ours ? Optional.empty() : Optional.of(newest);
  }

  /** What ranks that are started now show. */
  public synchronized LeaseTicket ticket() {
    return claim.ticket();
  }

  /**
   * Says which run the folder holds from now on.
   *
   * @param begunBy id of the submission that began it, or empty
   * @throws LeaseLostException when another driver has the folder
   * @throws UncheckedIOException when the claim cannot be written
   */
  public synchronized void hold(String runId, String begunBy) {
    if (claim.runId().equals(runId) && claim.begunBy().equals(begunBy)) {
      requireHeld();
    } else {
      advance(claim.next(runId, begunBy, clock.instant().toString()));
    }
  }

  /**
   * Claims the next generation, so that ranks with an earlier ticket cannot write any more.
   *
   * @throws LeaseLostException when another driver has the folder
   * @throws UncheckedIOException when the claim cannot be written
   */
  public synchronized LeaseTicket advance() {
    advance(claim.next(claim.runId(), claim.begunBy(), clock.instant().toString()));
    return claim.ticket();
  }

  private void advance(LeaseClaim next) {
    requireHeld();
    LeaseClaim previous = claim;
    claim = next;
    try {
      Optional<LeaseEntry> other = claim();
      if (other.isPresent()) {
        claim = previous;
        throw lose(other.get());
      }
      folder.renew(claim.generation(), claim.since());
      folder.deleteBefore(claim.generation());
    } catch (IOException e) {
      claim = isNewest(next) ? next : previous;
      throw new UncheckedIOException(
          "The lease of the run folder cannot be written: run="
              + folder.run()
              + ", problem="
              + e.getMessage(),
          e);
    }
  }

  private boolean isNewest(LeaseClaim written) {
    try {
      return folder.newest().map(written.ticket()::isOf).orElse(false);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Looks whether the folder is still this driver's.
   *
   * @throws LeaseLostException when it is not
   * @throws UncheckedIOException when that cannot be told
   */
  public synchronized void requireHeld() {
    if (lost != null) {
      throw lost;
    }
    try {
      new LeaseFence(folder, claim.ticket()).check();
    } catch (LeaseLostException e) {
      throw lose(e);
    }
  }

  /** The loss, when it is known. */
  public synchronized Optional<LeaseLostException> lost() {
    return Optional.ofNullable(lost);
  }

  private LeaseLostException lose(LeaseEntry newest) {
    return lose(LeaseLostException.of(folder, claim.ticket(), newest));
  }

  private LeaseLostException lose(LeaseLostException loss) {
    if (lost == null) {
      lost = loss;
      listener.onLost(loss);
      timer.close();
    }
    return lost;
  }

  /** On the timer's thread. */
  private synchronized void renew() {
    if (lost != null) {
      return;
    }
    try {
      Optional<LeaseEntry> newest = folder.newest();
      if (newest.isPresent() && !claim.ticket().isOf(newest.get())) {
        lose(newest.get());
        return;
      }
      if (newest.isEmpty() || newest.get().claim().isEmpty()) {
        restore(newest.isEmpty());
      }
      folder.renew(claim.generation(), clock.instant().toString());
      if (failing) {
        failing = false;
        listener.onNotice("The lease of the run folder is renewed again");
      }
    } catch (IOException | RuntimeException e) {
      // Whatever a store's client throws: the timer would not run again.
      notRenewed(e);
    }
  }

  private void restore(boolean deleted) throws IOException {
    if (deleted) {
      folder.claim(claim);
    } else {
      folder.repair(claim);
    }
    listener.onNotice(
        "The lease of the run folder was "
            + (deleted ? "deleted" : "damaged")
            + " and is written again: file="
            + folder.claimFile(claim.generation()));
  }

  private void notRenewed(Exception e) {
    if (!failing) {
      failing = true;
      listener.onNotice(
          "WARNING the lease of the run folder cannot be renewed: run="
              + folder.run()
              + ", problem="
              + e.getMessage()
              + ". It is tried again every "
              + RENEWAL.toSeconds()
              + " s; after "
              + PERIOD_SECONDS
              + " s another run may take the folder, and this one would then end");
    }
  }

  /**
   * Releases the folder, unless it is lost. The claim stays, for the run is known by it; a folder
   * that holds no run is left as it was found.
   */
  @Override
  public synchronized void close() {
    timer.close();
    if (lost != null) {
      return;
    }
    try {
      if (claim.runId().isEmpty()) {
        folder.forget(claim.generation());
      } else {
        folder.release(claim.generation(), clock.instant().toString());
      }
    } catch (IOException e) {
      listener.onNotice(
          "WARNING the run folder cannot be released and is free in "
              + PERIOD_SECONDS
              + " s: run="
              + folder.run()
              + ", problem="
              + e.getMessage());
    }
  }
}
