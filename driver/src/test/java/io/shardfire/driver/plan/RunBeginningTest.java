package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.sharding.lease.LeaseClaim;
import io.shardfire.sharding.lease.LeaseHolder;
import io.shardfire.sharding.lease.Submission;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunBeginningTest {
  private static final Submission JOB = new Submission("job-1", false);
  private final TreeMap<Long, String> steps = new TreeMap<>();
  private Optional<LeaseClaim> last = Optional.empty();

  private RunBeginning decide(ExistingRun asked, Submission submission) {
    return RunBeginning.decide(asked, submission, last, steps, "fresh");
  }

  private void claimed(String runId, String begunBy) {
    LeaseHolder holder = new LeaseHolder("ann", "host", "", 1, 1, "", "");
    last = Optional.of(new LeaseClaim(1, 3, runId, begunBy, "owner", "holder's", holder, "", 60));
  }

  private void assertBegins(ExistingRun mode, String runId, RunBeginning beginning) {
    assertEquals(Optional.empty(), beginning.problem());
    assertEquals(mode, beginning.mode());
    assertEquals(runId, beginning.runId());
  }

  @Test
  void shouldBeginANewRunAsAsked() {
    assertBegins(ExistingRun.REFUSE, "fresh", decide(ExistingRun.REFUSE, Submission.NONE));
    steps.put(10L, "run-a");
    claimed("run-a", "");
    assertBegins(ExistingRun.OVERWRITE, "fresh", decide(ExistingRun.OVERWRITE, Submission.NONE));
    assertBegins(ExistingRun.REFUSE, "fresh", decide(ExistingRun.REFUSE, JOB));
    claimed("run-a", "job-0");
    assertBegins(ExistingRun.OVERWRITE, "fresh", decide(ExistingRun.OVERWRITE, JOB));
  }

  @Test
  void shouldGoOnWithWhatAnEarlierAttemptOfTheSubmissionWrote() {
    claimed("run-a", "job-1");
    steps.put(10L, "run-a");
    for (ExistingRun asked : ExistingRun.values()) {
      assertBegins(ExistingRun.RESUME, "run-a", decide(asked, JOB));
    }
    assertEquals(
        Optional.of(
            "An earlier attempt of submission job-1 began this run; going on from its newest"
                + " checkpoint: run id=run-a"),
        decide(ExistingRun.OVERWRITE, JOB).notice());
  }

  /** It may have ended while it was deleting the steps of the run before. */
  @Test
  void shouldEraseAgainWhenAnEarlierAttemptWroteNothing() {
    claimed("run-b", "job-1");
    steps.putAll(Map.of(10L, "run-a", 20L, ""));
    assertBegins(ExistingRun.OVERWRITE, "fresh", decide(ExistingRun.OVERWRITE, JOB));

    steps.put(30L, "run-b");
    assertBegins(ExistingRun.RESUME, "run-b", decide(ExistingRun.OVERWRITE, JOB));
  }

  @Test
  void shouldStartAgainWhenAnEarlierAttemptLeftNoCheckpoint() {
    claimed("run-b", "job-1");
    RunBeginning beginning = decide(ExistingRun.REFUSE, JOB);

    assertBegins(ExistingRun.RESUME, "run-b", beginning);
    assertEquals(
        Optional.of(
            "An earlier attempt of submission job-1 began this run; going on from the start, for it"
                + " left none: run id=run-b"),
        beginning.notice());
  }

  @Test
  void shouldResumeTheRunOfTheFolder() {
    assertBegins(ExistingRun.RESUME, "fresh", decide(ExistingRun.RESUME, Submission.NONE));
    assertEquals("job-1", decide(ExistingRun.RESUME, JOB).begunBy());
    claimed("", "");
    steps.put(10L, "");
    assertBegins(ExistingRun.RESUME, "fresh", decide(ExistingRun.RESUME, Submission.NONE));
    assertEquals("", decide(ExistingRun.RESUME, JOB).begunBy());
    steps.put(20L, "run-a");
    assertBegins(ExistingRun.RESUME, "run-a", decide(ExistingRun.RESUME, Submission.NONE));
    claimed("run-a", "job-0");
    assertBegins(ExistingRun.RESUME, "run-a", decide(ExistingRun.RESUME, JOB));
    assertEquals("job-0", decide(ExistingRun.RESUME, JOB).begunBy());
  }

  @Test
  void shouldRefuseToResumeTheCheckpointsOfAnotherRun() {
    steps.putAll(Map.of(10L, "run-a", 20L, "run-b", 30L, "run-b"));
    assertRefused(
        "run id=run-a, other run id=run-b, steps of the other run=[20, 30]",
        decide(ExistingRun.RESUME, Submission.NONE));
    claimed("run-b", "");
    assertRefused(
        "run id=run-b, other run id=run-a, steps of the other run=[10]",
        decide(ExistingRun.RESUME, Submission.NONE));
    claimed("run-b", "job-1");
    assertRefused(
        "run id=run-b, other run id=run-a, steps of the other run=[10]",
        decide(ExistingRun.REFUSE, JOB));
  }

  private static void assertRefused(String values, RunBeginning beginning) {
    assertEquals(
        "The run folder holds checkpoints of another run: "
            + values
            + ". Move those steps to a folder of their own, where --resume goes on with that run,"
            + " or give --overwrite to start anew.",
        beginning.problem().orElseThrow().toString());
  }
}
