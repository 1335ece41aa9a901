package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.monitor.ManualClock;
import io.shardfire.driver.monitor.RecordingConsole;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.sharding.lease.LeaseHolder;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.sharding.lease.LeaseTicket;
import io.shardfire.sharding.lease.LeaseTimer;
import io.shardfire.sharding.lease.Submission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drivers, one after the other, on one folder of a real disk. */
class RunTenureTest {
  private static final Submission JOB = new Submission("job-1", false);

  @TempDir Path run;
  private final RecordingConsole console = new RecordingConsole(Terminal.PLAIN, new ManualClock());
  private int lost;

  /** Renews nothing. */
  private static final class NoTimer implements LeaseTimer {
    @Override
    public void every(Duration interval, Runnable task) {
      // The lease stays as old as the test makes it.
    }

    @Override
    public void settle(Duration time) {
      throw new IllegalStateException("A local disk needs no settling");
    }

    @Override
    public void close() {
      // There is nothing to end.
    }
  }

  private RunTenure begin(ExistingRun asked, Submission submission, String host)
      throws IOException {
    return RunTenure.begin(
        RunFolder.of(new Configuration(), run.toString()),
        asked,
        submission,
        new LeaseHolder("ann", host, "", 1, 1, "app-1", ""),
        console.console(),
        new NoTimer(),
        () -> lost++);
  }

  private Path step(long step, String runId) throws IOException {
    Path folder =
        Files.createDirectories(run.resolve(String.format(Locale.ROOT, "step-%08d", step)));
    Files.writeString(
        folder.resolve("manifest.json"),
        "{\"formatVersion\": 2, \"step\": "
            + step
            + ", \"runId\": \""
            + runId
            + "\", \"files\": []}");
    return folder;
  }

  private void expire() throws IOException {
    FileTime old = FileTime.from(Instant.now().minusSeconds(61));
    try (Stream<Path> files = Files.list(run.resolve("lease"))) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, old);
      }
    }
  }

  @Test
  void shouldRefuseTheSecondDriverAndServeTheFirst() throws IOException {
    RunTenure first = begin(ExistingRun.REFUSE, Submission.NONE, "one");
    for (ExistingRun asked : ExistingRun.values()) {
      PreflightException e =
          assertThrows(PreflightException.class, () -> begin(asked, Submission.NONE, "two"));
      assertTrue(
          e.getMessage()
              .startsWith(
                  "The run cannot start, 1 problem:\n"
                      + "  - The run folder belongs to a run that is going on: run="),
          e.getMessage());
      assertTrue(e.getMessage().contains("holder=ann@one, process=1, application=app-1"));
    }
    first.requireHeld();
    first.close();
    begin(ExistingRun.REFUSE, Submission.NONE, "two").close();
    assertEquals("", console.take());
  }

  @Test
  void shouldTellWhoseFolderItTakesOverAndEndTheLoser() throws IOException {
    RunTenure first = begin(ExistingRun.REFUSE, Submission.NONE, "one");
    expire();
    RunTenure second = begin(ExistingRun.RESUME, Submission.NONE, "two");

    assertTrue(
        console
            .take()
            .startsWith(
                "taking the run folder over: ann@one, process=1, application=app-1 has not renewed"
                    + " its lease for 6"));
    assertTrue(second.resumes());
    first.lookAgain();
    assertEquals(1, lost);
    assertTrue(first.lost().orElseThrow().getMessage().contains("new holder=ann@two, process=1"));
    assertThrows(LeaseLostException.class, first::start);
    assertThrows(LeaseLostException.class, () -> first.ticket(new Generation(1, 2, true)));
  }

  @Test
  void shouldKeepTheRunIdAndRaiseTheGenerationWithEveryRestart() throws IOException {
    RunTenure tenure = begin(ExistingRun.REFUSE, Submission.NONE, "one");
    tenure.start();
    LeaseTicket first = tenure.ticket(new Generation(0, 2, false));
    LeaseTicket second = tenure.ticket(new Generation(1, 2, true));
    step(10, first.runId());
    tenure.close();

    assertEquals(2, first.generation());
    assertEquals(3, second.generation());
    assertEquals(first.runId(), second.runId());
    RunTenure later = begin(ExistingRun.RESUME, Submission.NONE, "two");
    later.start();
    assertEquals(first.runId(), later.ticket(new Generation(0, 2, true)).runId());
  }

  @Test
  void shouldEraseWhatAnotherSubmissionWroteAndKeepWhatThisOneWrote() throws IOException {
    Path foreign = step(10, "another run");
    Files.createDirectories(run.resolve("metrics"));
    RunTenure first = begin(ExistingRun.OVERWRITE, JOB, "one");
    first.start();
    assertFalse(first.resumes());
    assertFalse(Files.exists(foreign));
    assertFalse(Files.exists(run.resolve("metrics")));
    LeaseTicket ticket = first.ticket(new Generation(0, 2, false));
    Path own = step(20, ticket.runId());
    foreign = step(30, "another run");

    // As after kill -9 on another machine: the first attempt has released nothing.
    RunTenure second = begin(ExistingRun.OVERWRITE, JOB, "two");
    second.start();
    assertEquals(
        "taking the run folder over: ann@one, process=1, application=app-1 was an earlier attempt of"
            + " submission job-1\nAn earlier attempt of submission job-1 began this run; going on"
            + " from its newest checkpoint: run id="
            + ticket.runId()
            + "\n",
        console.take());
    assertTrue(second.resumes());
    assertEquals(ticket.runId(), second.ticket(new Generation(0, 2, true)).runId());
    assertTrue(Files.exists(own));
    assertFalse(Files.exists(foreign), "deleting was not finished");
    second.close();

    RunTenure third = begin(ExistingRun.OVERWRITE, new Submission("job-2", false), "one");
    third.start();
    assertFalse(third.resumes());
    assertFalse(Files.exists(own));
  }

  @Test
  void shouldLeaveARunAsItWasWhenAnotherFailsToStart() throws IOException {
    RunTenure old = begin(ExistingRun.REFUSE, Submission.NONE, "one");
    old.start();
    String runId = old.ticket(new Generation(0, 2, false)).runId();
    Path step = step(10, runId);
    old.close();

    begin(ExistingRun.OVERWRITE, JOB, "two").close();

    assertTrue(Files.exists(step));
    RunTenure resumed = begin(ExistingRun.RESUME, Submission.NONE, "three");
    resumed.start();
    assertEquals(runId, resumed.ticket(new Generation(0, 2, true)).runId());
    resumed.close();
    // Nor was it begun by the submission that never started.
    assertFalse(begin(ExistingRun.OVERWRITE, JOB, "two").resumes());
  }

  @Test
  void shouldRefuseAFolderThatWasUsedSinceTheChecks() throws IOException {
    step(10, "another run");

    PreflightException e =
        assertThrows(
            PreflightException.class, () -> begin(ExistingRun.REFUSE, Submission.NONE, "one"));

    assertTrue(
        e.getMessage().contains("Another run has used the run folder while this one started: run="),
        e.getMessage());
    assertTrue(e.getMessage().contains("found=step-00000010"), e.getMessage());
    begin(ExistingRun.RESUME, Submission.NONE, "two").close();
  }
}
