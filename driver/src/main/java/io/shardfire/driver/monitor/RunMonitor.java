package io.shardfire.driver.monitor;

import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.RecoveryListener;
import io.shardfire.driver.report.RankReport;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.worker.train.LossScale;
import io.shardfire.worker.train.TrainingListener.StartReport;
import io.shardfire.worker.train.TrainingListener.StepReport;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a run's progress on the console and writes it to the metrics. Should the metrics become
 * unwritable, that is said once and the run goes on: its checkpoints matter more. Thread-safe.
 */
public final class RunMonitor implements RecoveryListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunMonitor.class);

  private final Console console;
  private final MetricsLog metrics;
  private final int maxRestarts;
  private final StepDisplay steps;
  private boolean metricsFailed;
  private int generation;
  private long lastStep;

  /**
   * Watches a run up to step {@code steps}; closes the metrics at the end.
   *
   * @param maxRestarts restarts in a row that are allowed, for the messages
   */
  public RunMonitor(Console console, MetricsLog metrics, int maxRestarts, long steps) {
    this.console = console;
    this.metrics = metrics;
    this.maxRestarts = maxRestarts;
    this.steps = new StepDisplay(console, steps);
  }

  /** Takes a rank's report. */
  public synchronized void onReport(int rank, RankReport report) {
    if (report instanceof RankReport.Started started) {
      started(started);
    } else if (report instanceof RankReport.Stepped stepped) {
      stepped(stepped.step());
    } else if (report instanceof RankReport.Evaluated evaluated) {
      console.print(
          "step " + evaluated.step() + "  validation loss " + Figures.fixed(evaluated.loss(), 4));
      write("evaluation", fields("step", evaluated.step(), "loss", evaluated.loss()));
    } else if (report instanceof RankReport.Checkpointed checkpoint) {
      console.print("step " + checkpoint.step() + "  checkpoint " + checkpoint.folder());
      write(
          MetricsLog.CHECKPOINT, fields("step", checkpoint.step(), "folder", checkpoint.folder()));
    } else if (report instanceof RankReport.Failed failed) {
      write(
          "rankFailure",
          fields("rank", rank, "exception", failed.exception(), "message", failed.message()));
    }
  }

  private void started(RankReport.Started started) {
    StartReport start = started.start();
    console.print(
        "rank "
            + start.rank()
            + " is ready: host="
            + start.host()
            + ", executor="
            + started.executorId()
            + ", process="
            + started.processId()
            + ", device="
            + start.device());
    if (start.rank() == 0 && start.firstStep() > 0) {
      console.print("going on after step " + start.firstStep());
    }
    write(
        "start",
        fields(
            "rank",
            start.rank(),
            "host",
            start.host(),
            "executor",
            started.executorId(),
            "process",
            started.processId(),
            "device",
            start.device(),
            "parameters",
            start.parameters(),
            "firstStep",
            start.firstStep()));
  }

  private void stepped(StepReport step) {
    lastStep = step.step();
    steps.show(step);
    Map<String, Object> fields =
        fields(
            "step",
            step.step(),
            "loss",
            step.loss(),
            "learningRate",
            step.learningRate(),
            "gradientNorm",
            step.gradientNorm(),
            "tokens",
            step.tokens(),
            "seconds",
            step.seconds(),
            "communicationShare",
            step.communicationShare(),
            "dataShare",
            step.dataShare());
    LossScale scale = step.lossScale();
    if (scale != null) {
      fields.put("lossScale", scale.scale());
      fields.put("goodSteps", scale.goodSteps());
      fields.put("skippedSteps", scale.skippedSteps());
      fields.put("skipped", step.skipped());
    }
    write("step", fields);
  }

  @Override
  public synchronized void onFailure(Generation failed, Failure failure) {
    console.status("");
    String when = lastStep > 0 ? "after step " + lastStep : "before the first step";
    console.print("FAILED " + when + ": " + failure.headline());
    write("failure", fields("step", lastStep, "cause", failure.headline()));
  }

  @Override
  public synchronized void onWait(int ranks, Duration timeout) {
    console.print(
        "waiting up to " + Figures.duration(timeout) + " until " + ranks + " ranks have a place");
  }

  @Override
  public synchronized void onRestart(Generation next, long fromStep, int attempt) {
    generation = next.number();
    steps.restart();
    console.print(
        "RESTART "
            + attempt
            + " of at most "
            + maxRestarts
            + " in a row: "
            + next.ranks()
            + (next.ranks() == 1 ? " rank" : " ranks")
            + (fromStep > 0
                ? ", from the checkpoint of step " + fromStep
                : ", from the start, for there is no valid checkpoint yet"));
    write("restart", fields("ranks", next.ranks(), "fromStep", fromStep, "attempt", attempt));
  }

  /** The run is over; removes the status line. */
  @Override
  public synchronized void close() {
    console.status("");
    try {
      metrics.close();
    } catch (IOException e) {
      metricsFailed(e);
    }
  }

  private void write(String event, Map<String, Object> fields) {
    if (metricsFailed) {
      return;
    }
    try {
      metrics.write(event, fields);
    } catch (IOException e) {
      metricsFailed(e);
    }
  }

  private void metricsFailed(IOException exception) {
    LOG.debug("Metrics cannot be written", exception);
    boolean told = metricsFailed || exception.getCause() instanceof LeaseLostException;
    metricsFailed = true;
    // Of a lost folder the end of the run says so.
    if (!told) {
      console.print("WARNING metrics are no longer written: " + exception.getMessage());
    }
  }

  /** Alternating names and values, after the generation. */
  private Map<String, Object> fields(Object... namesAndValues) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("generation", generation);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }
}
