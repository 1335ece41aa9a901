package io.shardfire.driver.monitor;

import static io.shardfire.driver.monitor.Steps.step;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.recovery.ExitReason;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.report.RankReport;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.worker.train.LossScale;
import io.shardfire.worker.train.TrainingListener.StartReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunMonitorTest {
  @TempDir Path run;
  private final ManualClock clock = new ManualClock();
  private final RecordingConsole recording = new RecordingConsole(new Terminal(true, 60), clock);
  private RunMonitor monitor;

  @BeforeEach
  void open() throws IOException {
    MetricsLog metrics =
        MetricsLog.open(new Configuration(), new org.apache.hadoop.fs.Path(run.toUri()), clock);
    monitor = new RunMonitor(recording.console(), metrics, 3, 200);
  }

  private String metrics() throws IOException {
    monitor.close();
    return Files.readString(run.resolve("metrics/part-00000.jsonl"));
  }

  private static RankReport.Started started(int rank, long firstStep) {
    return new RankReport.Started(
        "4",
        1234,
        new StartReport(rank, "node-7", "pthread-haswell", 900, 1, 2, 3, 4, firstStep, 90, 10));
  }

  @Test
  void shouldNameProcessAndDeviceOfEachRank() throws IOException {
    monitor.onReport(1, started(1, 0));

    assertEquals(
        "rank 1 is ready: host=node-7, executor=4, process=1234, device=pthread-haswell\n",
        recording.take());
    assertTrue(metrics().contains("\"rank\":1,\"host\":\"node-7\",\"executor\":\"4\""), metrics());
  }

  @Test
  void shouldPrintValidationsAndCheckpointsAboveTheStatus() {
    monitor.onReport(0, new RankReport.Stepped(step(50, 2.5)));
    recording.take();

    monitor.onReport(0, new RankReport.Evaluated(50, 2.25));
    monitor.onReport(0, new RankReport.Checkpointed(50, "runs/a/step-00000050"));

    String status = "step  50/200  loss 2.5000  8.19k tok/s  1m15s left";
    assertEquals(
        "\r<[Kstep 50  validation loss 2.2500\n"
            + status
            + "\r<[Kstep 50  checkpoint runs/a/step-00000050\n"
            + status,
        recording.take());
  }

  @Test
  void shouldSayTheCauseFirstAndThenWhatIsDone() {
    monitor.onReport(0, new RankReport.Stepped(step(57, 2.5)));
    recording.take();

    monitor.onFailure(
        new Generation(0, 2, false),
        new Failure.ExecutorLost(
            OptionalInt.of(1), "0", "node-7", new ExitReason("Command exited with code 137")));
    monitor.onWait(2, Duration.ofMinutes(2));
    monitor.onRestart(new Generation(1, 2, true), 50, 1);

    assertEquals(
        "\r<[KFAILED after step 57: Executor 0 (rank 1) on node-7 was lost: Command exited with code"
            + " 137 (signal 9 (SIGKILL): the kernel was out of memory, the cluster manager stopped"
            + " it, or a person did)\n"
            + "waiting up to 2m00s until 2 ranks have a place\n"
            + "RESTART 1 of at most 3 in a row: 2 ranks, from the checkpoint of step 50\n",
        recording.take());
  }

  @Test
  void shouldSayWhenThereIsNoCheckpointToRestartFrom() {
    monitor.onRestart(new Generation(1, 1, true), 0, 2);

    assertEquals(
        "RESTART 2 of at most 3 in a row: 1 rank, from the start, for there is no valid checkpoint"
            + " yet\n",
        recording.take());
  }

  @Test
  void shouldWriteEveryStepToTheMetricsWithItsGeneration() throws IOException {
    monitor.onReport(0, new RankReport.Stepped(step(1, 2.5)));
    monitor.onReport(0, new RankReport.Stepped(step(2, 2.25)));
    monitor.onRestart(new Generation(1, 2, true), 0, 1);
    monitor.onReport(0, new RankReport.Stepped(step(1, 2.5)));

    assertEquals(
        """
        {"event":"step","time":"2026-01-02T03:04:05Z","generation":0,"step":1,"loss":2.5,\
        "learningRate":6.0E-4,"gradientNorm":0.8765,"tokens":4096,"seconds":0.5,\
        "communicationShare":0.1,"dataShare":0.004}
        """
            .strip(),
        metrics().lines().findFirst().orElseThrow());
    assertEquals(4, metrics().lines().count());
    assertTrue(metrics().lines().skip(3).findFirst().orElseThrow().contains("\"generation\":1"));
  }

  @Test
  void shouldWriteTheLossScaleToTheMetrics() throws IOException {
    monitor.onReport(
        0, new RankReport.Stepped(Steps.skipped(1, Double.NaN, new LossScale(32_768, 0, 1))));

    String line = metrics().strip();
    assertTrue(line.contains("\"loss\":\"NaN\","), line);
    assertTrue(line.contains("\"gradientNorm\":\"Infinity\","), line);
    assertTrue(
        line.endsWith(
            ",\"lossScale\":32768.0,\"goodSteps\":0,\"skippedSteps\":1,\"skipped\":true}"),
        line);
  }

  @Test
  void shouldGoOnWithoutMetricsAndSaySoOnce() throws IOException {
    Files.writeString(run.resolve("metrics"), "in the way");

    monitor.onReport(0, new RankReport.Evaluated(1, 2.5));
    monitor.onReport(0, new RankReport.Evaluated(2, 2.5));

    String printed = recording.take();
    assertEquals(1, printed.split("WARNING metrics are no longer written", -1).length - 1, printed);
    assertTrue(printed.contains("step 2  validation loss 2.5000"), printed);
  }

  /** The end of the run says it, as its error. */
  @Test
  void shouldEndTheMetricsSilentlyWhenTheFolderIsLost() throws IOException {
    Runnable fence =
        () -> {
          throw new LeaseLostException("The run folder was taken over");
        };
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(run.toUri());
    MetricsLog fenced = MetricsLog.open(new Configuration(), path, clock, fence);
    monitor = new RunMonitor(recording.console(), fenced, 3, 200);
    monitor.onReport(0, new RankReport.Evaluated(1, 2.5));

    assertEquals("step 1  validation loss 2.5000\n", recording.take());
    assertFalse(Files.exists(run.resolve("metrics")));
  }
}
