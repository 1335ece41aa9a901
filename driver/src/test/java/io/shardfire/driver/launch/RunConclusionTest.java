package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.driver.monitor.RecordingConsole;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.RunEnd;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class RunConclusionTest {
  private final RecordingConsole console =
      new RecordingConsole(Terminal.detect(Map.of(), false), Clock.systemUTC());
  private long newest = -1;
  private final RunConclusion conclusion =
      new RunConclusion(new Path("hdfs://nn/run"), 30, () -> newest, console.console());

  @Test
  void shouldNameTheCauseAndWhatToGoOnFrom() {
    RunEnd<RankOutcome> end =
        new RunEnd.GivenUp<>(new Failure.JobFailed("aborted"), "It would happen again");

    assertEquals(
        "Spark ended the job: aborted\nIt would happen again. There is no checkpoint yet",
        failure(end));
    newest = 20;
    assertEquals(
        "Spark ended the job: aborted\nIt would happen again. The checkpoint of step 20 is kept in"
            + " hdfs://nn/run; go on from it with --resume",
        failure(end));
    assertEquals("", console.take());
  }

  @Test
  void shouldTellAStoppedRunFromAFailedOne() {
    PretrainingCancelledException e =
        assertThrows(
            PretrainingCancelledException.class,
            () -> conclusion.of(new RunEnd.Cancelled<>(), Duration.ZERO));

    assertEquals("The run was stopped. There is no checkpoint yet", e.getMessage());
  }

  @Test
  void shouldCallARunStoppedWhoseRanksEndedBeforeTheLastStep() {
    newest = 29;
    PretrainingCancelledException e =
        assertThrows(
            PretrainingCancelledException.class, () -> conclusion.of(ended(29), Duration.ZERO));

    assertEquals(
        "The run was stopped. The checkpoint of step 29 is kept in hdfs://nn/run; go on from it"
            + " with --resume",
        e.getMessage());
    assertEquals(30, conclusion.of(ended(30), Duration.ZERO).steps());
  }

  @Test
  void shouldCountTheStepsThatWereSkipped() {
    conclusion.of(ended(30), Duration.ZERO);
    assertEquals(
        "done: 30 steps in 0.0s, validation loss 1.5000", console.take().lines().toList().get(0));
    conclusion.of(
        new RunEnd.Completed<>(new RankOutcome(0, 30, 2, 1.5, "hdfs://nn/run/step"), 0),
        Duration.ZERO);
    assertEquals(
        "done: 30 steps, 2 of them skipped, in 0.0s, validation loss 1.5000",
        console.take().lines().toList().get(0));
  }

  private static RunEnd<RankOutcome> ended(long steps) {
    return new RunEnd.Completed<>(new RankOutcome(0, steps, 0, 1.5, "hdfs://nn/run/step"), 0);
  }

  private String failure(RunEnd<RankOutcome> end) {
    return assertThrows(PretrainingException.class, () -> conclusion.of(end, Duration.ZERO))
        .getMessage();
  }
}
