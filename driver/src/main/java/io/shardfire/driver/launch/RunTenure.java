package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.Problem;
import io.shardfire.driver.plan.RunBeginning;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.sharding.lease.LeaseHeldException;
import io.shardfire.sharding.lease.LeaseHolder;
import io.shardfire.sharding.lease.LeaseListener;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.sharding.lease.LeaseTicket;
import io.shardfire.sharding.lease.LeaseTimer;
import io.shardfire.sharding.lease.LeaseView;
import io.shardfire.sharding.lease.ProcessTable;
import io.shardfire.sharding.lease.RunLease;
import io.shardfire.sharding.lease.Submission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** The time in which a run owns its folder. Thread-safe. */
final class RunTenure implements AutoCloseable {
  private final RunFolder folder;
  private final Console console;
  private final ExistingRun asked;
  private final RunBeginning beginning;
  private final RunLease lease;

  private RunTenure(
      RunFolder folder,
      Console console,
      ExistingRun asked,
      RunBeginning beginning,
      RunLease lease) {
    this.folder = folder;
    this.console = console;
    this.asked = asked;
    this.beginning = beginning;
    this.lease = lease;
  }

  /**
   * Takes the folder; changes nothing about the run that is there, so that a start that fails
   * leaves it as it was.
   *
   * @param asked what to do when it holds a run
   * @param timer renews the lease; closed with the tenure
   * @param lost runs when another driver has taken the folder
   * @throws PreflightException when the folder cannot be had
   */
  static RunTenure begin(
      RunFolder folder,
      ExistingRun asked,
      Submission submission,
      LeaseHolder holder,
      Console console,
      LeaseTimer timer,
      Runnable lost)
      throws IOException {
    LeaseView view = LeaseView.look(folder.leases(), submission, new ProcessTable());
    RunBeginning beginning = folder.beginning(asked, submission, view.last());
    if (beginning.problem().isPresent() && view.refusal().isEmpty()) {
      throw new PreflightException(List.of(beginning.problem().get()));
    }
    RunLease lease;
    try {
      lease =
          RunLease.acquire(
              view, submission, holder, console.clock(), timer, new Listener(console, lost));
    } catch (LeaseHeldException e) {
      timer.close();
      throw new PreflightException(
          List.of(new Problem(e.refusal().finding(), e.refusal().remedy())));
    }
    RunTenure tenure = new RunTenure(folder, console, asked, beginning, lease);
    tenure.announce(view);
    try {
      tenure.requireStillFree();
    } catch (PreflightException | IOException e) {
      tenure.close();
      throw e;
    }
    return tenure;
  }

  private void announce(LeaseView view) {
    view.takeover().ifPresent(reason -> console.print("taking the run folder over: " + reason));
    beginning.notice().ifPresent(console::print);
  }

  /** A run may have begun and ended here between the checks and the claim. */
  private void requireStillFree() throws IOException {
    if (beginning.mode() == ExistingRun.REFUSE && !folder.content().isEmpty()) {
      throw new PreflightException(
          List.of(
              new Problem(
                  "Another run has used the run folder while this one started: run="
                      + folder.path()
                      + ", found="
                      + folder.content().get(0).getName(),
                  "Choose another run folder, or give --resume to go on or --overwrite to start"
                      + " anew")));
    }
  }

  /**
   * Begins or goes on with the run: from now on the folder is known as its. Deletes what is there
   * of other runs, where that was asked for.
   *
   * @throws LeaseLostException when another driver has the folder
   */
  void start() throws IOException {
    try {
      lease.hold(beginning.runId(), beginning.begunBy());
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    if (beginning.mode() == ExistingRun.OVERWRITE) {
      folder.clear();
    } else if (asked == ExistingRun.OVERWRITE) {
      folder.clearOtherRuns(beginning.runId());
    }
  }

  /** Whether the first generation goes on from a checkpoint. */
  boolean resumes() {
    return beginning.mode() == ExistingRun.RESUME;
  }

  /**
   * What the ranks of a generation show; those of earlier ones cannot write from now on.
   *
   * @throws LeaseLostException when another driver has the folder
   * @throws PretrainingException when the claim cannot be written
   */
  LeaseTicket ticket(Generation generation) {
    try {
      return generation.number() == 0 ? lease.ticket() : lease.advance();
    } catch (UncheckedIOException e) {
      throw new PretrainingException(e.getMessage(), e);
    }
  }

  /**
   * Looks whether the folder is still this run's.
   *
   * @throws LeaseLostException when it is not
   * @throws UncheckedIOException when that cannot be told
   */
  void requireHeld() {
    lease.requireHeld();
  }

  /** Looks, after a failure, whether the folder was lost; {@link #lost()} tells. */
  void lookAgain() {
    try {
      lease.requireHeld();
    } catch (LeaseLostException e) {
      // It is known from now on.
      console.status("");
    } catch (UncheckedIOException e) {
      console.print("WARNING " + e.getMessage());
    }
  }

  /** Why the folder is no longer this run's; empty while it is. */
  Optional<LeaseLostException> lost() {
    return lease.lost();
  }

  /** Gives the folder back. */
  @Override
  public void close() {
    lease.close();
  }

  private record Listener(Console console, Runnable lost) implements LeaseListener {
    @Override
    public void onNotice(String notice) {
      console.print(notice);
    }

    @Override
    public void onLost(LeaseLostException loss) {
      lost.run();
    }
  }
}
