package io.shardfire.driver.monitor;

import io.shardfire.worker.train.TrainingListener.StepReport;
import java.time.Duration;
import java.time.Instant;

/**
 * Shows steps on a console: on a terminal in the status line, at most ten times a second; otherwise
 * as plain lines, the first few steps of a generation, then one every ten seconds, and the last. A
 * step that was skipped has a line of its own on both, and is no part of the averages. Confined to
 * one thread.
 */
final class StepDisplay {
  private static final Duration REDRAW = Duration.ofMillis(100);
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(10);
  private static final int PLAIN_FIRST_STEPS = 3;

  private final Console console;
  private final long steps;
  private StepStatistics statistics = new StepStatistics();
  private int shown;
  private Instant last = Instant.MIN;

  /**
   * @param steps number of the last step
   */
  StepDisplay(Console console, long steps) {
    this.console = console;
    this.steps = steps;
  }

  /** A generation begins: averages start anew. */
  void restart() {
    statistics = new StepStatistics();
    shown = 0;
    last = Instant.MIN;
    console.status("");
  }

  /** A step has ended. */
  void show(StepReport step) {
    if (step.skipped()) {
      console.print(StepLine.skipped(step, steps));
      return;
    }
    statistics.add(step);
    boolean interactive = console.terminal().interactive();
    Instant now = console.clock().instant();
    boolean due = !now.isBefore(lastPlus(interactive ? REDRAW : PLAIN_INTERVAL));
    boolean early = !interactive && shown < PLAIN_FIRST_STEPS;
    if (!due && !early && step.step() < steps) {
      return;
    }
    last = now;
    shown++;
    String line = StepLine.of(step, steps, statistics, console.terminal().columns());
    if (interactive) {
      console.status(line);
    } else {
      console.print(line);
    }
  }

  private Instant lastPlus(Duration interval) {
    return last.equals(Instant.MIN) ? last : last.plus(interval);
  }
}
