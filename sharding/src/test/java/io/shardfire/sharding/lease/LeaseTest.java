package io.shardfire.sharding.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

/** One driver after the other, and beside the other, with one clock that is moved by hand. */
class LeaseTest {
  private static final Path RUN = new Path("/runs/one");
  private static final String SINCE = "1970-01-01T00:16:40Z";

  private long now = 1_000_000;
  private String broken = "";
  private final MemoryFileSystem.Store store = new MemoryFileSystem.Store(true, () -> now);
  private final LeaseFolder folder =
      LeaseFolder.of(
          new MemoryFileSystem(
              store,
              (operation, path) -> {
                if (operation.equals(broken)) {
                  throw new IOException("No space left on device");
                }
              }),
          RUN);
  private final List<String> heard = new ArrayList<>();
  private final ManualTimer timer = new ManualTimer();
  private OptionalLong started = OptionalLong.of(77);

  private final ProcessTable processes =
      new ProcessTable() {
        @Override
        public String machine() {
          return "here";
        }

        @Override
        public OptionalLong started(long process) {
          return started;
        }
      };

  private final LeaseListener listener =
      new LeaseListener() {
        @Override
        public void onNotice(String notice) {
          heard.add(notice);
        }

        @Override
        public void onLost(LeaseLostException lost) {
          heard.add("lost");
        }
      };

  private static LeaseHolder holder(String host, String machine) {
    return new LeaseHolder("ann", host, machine, 12, 77, "app-1", "1");
  }

  private RunLease acquire(String runId, String host, Submission submission) throws IOException {
    return acquire(runId, holder(host, host), submission, timer);
  }

  private RunLease acquire(String runId, LeaseHolder holder, Submission submission, LeaseTimer own)
      throws IOException {
    LeaseView view = LeaseView.look(folder, submission, processes);
    RunLease lease =
        RunLease.acquire(view, submission, holder, () -> Instant.ofEpochMilli(now), own, listener);
    lease.hold(runId, submission.id());
    return lease;
  }

  private LeaseView look(Submission submission) throws IOException {
    return LeaseView.look(folder, submission, processes);
  }

  private static void assertLost(String expected, Runnable action) {
    LeaseLostException e = assertThrows(LeaseLostException.class, action::run);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private List<String> names() {
    return store.paths().stream().map(Path::getName).toList();
  }

  @Test
  void shouldClaimAFreshFolderAndRememberTheRunAfterTheRelease() throws IOException {
    try (RunLease lease = acquire("run-a", "far", new Submission("job-1", true))) {
      assertEquals(2, lease.ticket().generation());
      new LeaseFence(folder, lease.ticket()).check();
    }
    assertEquals(
        List.of(
            "generation-00000002.json",
            "generation-00000002.released",
            "generation-00000002.renewed"),
        names());

    LeaseView view = look(Submission.NONE);
    assertEquals(Optional.empty(), view.refusal());
    assertEquals(Optional.empty(), view.takeover());
    assertEquals("run-a", view.last().orElseThrow().runId());
    assertEquals("job-1", view.last().orElseThrow().submission());
    assertEquals(4, acquire("run-b", "far", Submission.NONE).ticket().generation());
    assertEquals(List.of("generation-00000004.json", "generation-00000004.renewed"), names());
  }

  @Test
  void shouldLeaveNothingInAFolderThatHoldsNoRun() throws IOException {
    LeaseView view = look(Submission.NONE);
    RunLease lease =
        RunLease.acquire(
            view, Submission.NONE, holder("far", "far"), () -> Instant.EPOCH, timer, listener);
    assertEquals(List.of("generation-00000001.json", "generation-00000001.renewed"), names());
    lease.close();

    assertEquals(List.of(), names());
    assertTrue(timer.closed);
  }

  @Test
  void shouldRefuseWhileTheHolderRenews() throws IOException {
    acquire("run-a", "far", Submission.NONE);
    now += 45_000;
    timer.tick();
    now += 59_000;

    LeaseHeldException e =
        assertThrows(LeaseHeldException.class, () -> acquire("run-b", "other", Submission.NONE));

    assertEquals(
        "The run folder belongs to a run that is going on: run="
            + RUN
            + ", holder=ann@far, process=12, application=app-1, attempt=1, since="
            + SINCE
            + ", renewed=59 s ago, run id=run-a. Choose another run folder, or end that run; if it"
            + " died on another machine, its folder is free 60 s after the last renewal",
        e.getMessage());
  }

  @Test
  void shouldTakeOverWhatIsNotRenewedAndFenceItsOwner() throws IOException {
    RunLease first = acquire("run-a", "far", Submission.NONE);
    LeaseTicket early = first.ticket();
    now += 60_000;
    assertEquals(
        Optional.of(
            "ann@far, process=12, application=app-1, attempt=1 has not renewed its lease for 60 s"),
        look(Submission.NONE).takeover());
    ManualTimer later = new ManualTimer();
    RunLease second = acquire("run-b", holder("other", "other"), Submission.NONE, later);

    assertEquals(4, second.ticket().generation());
    new LeaseFence(folder, second.ticket()).check();
    assertLost(
        "The run folder was taken over, so this run has stopped writing into it: run="
            + RUN
            + ", own generation=2, new generation=4, new holder=ann@other, process=12,"
            + " application=app-1, attempt=1, since=1970-01-01T00:17:40Z, run id=run-b. Let one run"
            + " use a folder at a time",
        () -> new LeaseFence(folder, early).check());
    timer.tick();
    timer.tick();
    assertEquals(List.of("lost"), heard);
    assertTrue(timer.closed);
    assertLost("new generation=4", first::requireHeld);
    assertLost("new generation=4", first::advance);

    // The loser leaves no trace that would free the folder.
    first.close();
    assertThrows(LeaseHeldException.class, () -> acquire("run-c", "third", Submission.NONE));
    later.tick();
    second.requireHeld();
  }

  @Test
  void shouldTakeOverAtOnceFromAProcessOfThisMachineThatHasEnded() throws IOException {
    acquire("run-a", "here", Submission.NONE);
    assertThrows(LeaseHeldException.class, () -> acquire("run-b", "here", Submission.NONE));

    started = OptionalLong.of(78);
    assertEquals(
        Optional.of(
            "ann@here, process=12, application=app-1, attempt=1 has ended without releasing it"),
        look(Submission.NONE).takeover());
    started = OptionalLong.empty();
    assertEquals(4, acquire("run-b", "here", Submission.NONE).ticket().generation());
  }

  @Test
  void shouldNotJudgeProcessesOfAnotherMachine() throws IOException {
    acquire("run-a", holder("here", ""), Submission.NONE, timer);
    started = OptionalLong.empty();

    assertThrows(LeaseHeldException.class, () -> acquire("run-b", "here", Submission.NONE));
  }

  @Test
  void shouldTakeOverFromAnEarlierAttemptOfTheSameSubmission() throws IOException {
    Submission given = new Submission("nightly", false);
    RunLease first = acquire("run-a", "far", given);
    assertThrows(
        LeaseHeldException.class,
        () -> acquire("run-b", "other", new Submission("another", false)));
    assertEquals(
        Optional.of(
            "ann@far, process=12, application=app-1, attempt=1 was an earlier attempt of submission"
                + " nightly"),
        look(given).takeover());

    assertEquals(3, acquire("run-a", "here", given).ticket().generation());
    assertLost("new generation=3", first::requireHeld);

    // An id that a user gave may be given twice by mistake; a live process here would be the proof.
    assertThrows(LeaseHeldException.class, () -> acquire("run-a", "here", given));
    assertEquals(
        Optional.empty(), look(new Submission("nightly", true)).refusal().map(Object::toString));
  }

  @Test
  void shouldFenceTheRanksOfAnEarlierGenerationOfTheSameRun() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    LeaseTicket first = lease.ticket();
    LeaseTicket second = lease.advance();

    assertEquals(3, second.generation());
    assertEquals("run-a", second.runId());
    new LeaseFence(folder, second).check();
    assertLost(
        "The run has gone on without these ranks, which have stopped writing: run=" + RUN,
        () -> new LeaseFence(folder, first).check());
    timer.tick();
    assertEquals(List.of(), heard);
    assertEquals(List.of("generation-00000003.json", "generation-00000003.renewed"), names());
  }

  @Test
  void shouldWriteAgainWhatWasDeletedByHand() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    for (Path path : store.paths()) {
      new MemoryFileSystem(store, (operation, unused) -> {}).delete(path, false);
    }
    new LeaseFence(folder, lease.ticket()).check();
    timer.tick();

    assertEquals(
        List.of(
            "The lease of the run folder was deleted and is written again: file="
                + folder.claimFile(2)),
        heard);
    assertThrows(LeaseHeldException.class, () -> acquire("run-b", "other", Submission.NONE));
  }

  @Test
  void shouldLoseADeletedLeaseToWhoeverClaimsFirst() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    lease.advance();
    for (Path path : store.paths()) {
      new MemoryFileSystem(store, (operation, unused) -> {}).delete(path, false);
    }
    acquire("run-b", holder("other", "other"), Submission.NONE, new ManualTimer());
    timer.tick();

    assertEquals(List.of("lost"), heard);
    assertLost("own generation=3, new generation=2, new holder=ann@other", lease::requireHeld);
  }

  @Test
  void shouldRepairADamagedClaim() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    store.put(folder.claimFile(2), new byte[] {'{'}, true);
    lease.requireHeld();
    timer.tick();

    assertEquals(
        List.of(
            "The lease of the run folder was damaged and is written again: file="
                + folder.claimFile(2)),
        heard);
    assertEquals("run-a", look(Submission.NONE).last().orElseThrow().runId());
  }

  @Test
  void shouldTreatADamagedClaimAsHeldUntilItIsOld() throws IOException {
    store.put(folder.claimFile(7), new byte[0], true);
    now += 20_000;
    assertEquals(
        "Another run is just taking the run folder, or the file of its lease is damaged: file="
            + folder.claimFile(7)
            + ", written=20 s ago. Try again in 40 s, or delete the file if no run uses the folder",
        assertThrows(LeaseHeldException.class, () -> acquire("run-a", "far", Submission.NONE))
            .getMessage());
    now += 40_000;
    assertEquals(9, acquire("run-a", "far", Submission.NONE).ticket().generation());
  }

  @Test
  void shouldGoOnWhileTheLeaseCannotBeRenewedAndNobodyWantsIt() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    broken = "create";
    timer.tick();
    timer.tick();
    now += 90_000;
    lease.requireHeld();
    broken = "";
    timer.tick();

    assertEquals(
        List.of(
            "WARNING the lease of the run folder cannot be renewed: run="
                + RUN
                + ", problem=No space left on device. It is tried again every 15 s; after 60 s"
                + " another run may take the folder, and this one would then end",
            "The lease of the run folder is renewed again"),
        heard);
    assertThrows(LeaseHeldException.class, () -> acquire("run-b", "other", Submission.NONE));
  }

  @Test
  void shouldKeepItsGenerationWhenTheNextCannotBeClaimed() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    LeaseTicket ticket = lease.ticket();
    broken = "create";
    UncheckedIOException e = assertThrows(UncheckedIOException.class, lease::advance);
    assertEquals(
        "The lease of the run folder cannot be written: run="
            + RUN
            + ", problem=No space left on device",
        e.getMessage());
    broken = "";
    assertEquals(ticket, lease.ticket());
    timer.tick();
    lease.close();

    assertEquals(List.of(), heard);
    assertEquals(Optional.empty(), look(Submission.NONE).refusal());
  }

  @Test
  void shouldSayWhenTheFolderCannotBeReleased() throws IOException {
    RunLease lease = acquire("run-a", "far", Submission.NONE);
    broken = "create";
    lease.close();

    assertEquals(
        List.of(
            "WARNING the run folder cannot be released and is free in 60 s: run="
                + RUN
                + ", problem=No space left on device"),
        heard);
  }

  @Test
  void shouldClaimNothingWhenTheClaimCannotBeWritten() {
    broken = "create";

    IOException e = assertThrows(IOException.class, () -> acquire("run-a", "far", Submission.NONE));
    assertEquals("No space left on device", e.getMessage());
    assertEquals(List.of(), names());
  }
}
