package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.RunMonitor;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.FailureLog;
import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.driver.report.ReportCodec;
import io.shardfire.sharding.transport.ControlMessage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the ranks' reports on the control channel's thread and passes them on: progress to the
 * monitor, failures to the log of the generation. Thread-safe.
 */
final class DriverReports implements Consumer<ControlMessage> {
  private static final Logger LOG = LoggerFactory.getLogger(DriverReports.class);

  private final ExecutorWatch watch;
  private final RunMonitor monitor;
  private int generation = -1;
  private boolean training;
  private FailureLog failures = new FailureLog();

  DriverReports(ExecutorWatch watch, RunMonitor monitor) {
    this.watch = watch;
    this.monitor = monitor;
  }

  /** From now on, only reports of this generation count. */
  synchronized void begin(int number, FailureLog log) {
    generation = number;
    training = false;
    failures = log;
  }

  /** Whether the ranks do steps: since the first one, and until one of them fails. */
  synchronized boolean training() {
    return training;
  }

  @Override
  public synchronized void accept(ControlMessage message) {
    if (message.generation() != generation) {
      LOG.warn(
          "A report of another generation was put aside: generation={}, expected={}, rank={},"
              + " kind={}",
          message.generation(),
          generation,
          message.rank(),
          message.kind());
      return;
    }
    accept(message.rank(), ReportCodec.decode(message));
  }

  private void accept(int rank, RankReport report) {
    if (report instanceof RankReport.Started started) {
      watch.place(rank, started.executorId());
    }
    if (report instanceof RankReport.Stepped) {
      training = true;
    }
    if (report instanceof RankReport.Failed failed) {
      training = false;
      log(rank, failed);
      failures.add(
          new Failure.RankFailed(
              rank,
              failed.host(),
              failed.executorId(),
              failed.kind(),
              failed.exception(),
              failed.message(),
              failed.stackTrace()));
      watch.wake();
    }
    monitor.onReport(rank, report);
  }

  /** Only a bug is worth its stack trace on the console. */
  private static void log(int rank, RankReport.Failed failed) {
    if (failed.kind() == FailureKind.RANK) {
      LOG.warn("Rank {} failed\n{}", rank, failed.stackTrace());
    } else {
      LOG.debug("Rank {} failed\n{}", rank, failed.stackTrace());
    }
  }
}
