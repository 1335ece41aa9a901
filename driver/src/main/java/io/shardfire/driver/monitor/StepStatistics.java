package io.shardfire.driver.monitor;

import io.shardfire.worker.train.TrainingListener.StepReport;
import java.time.Duration;

/**
 * Running averages over the last steps: exponential, with the bias of the start taken out (Kingma
 * and Ba, 2015). Confined to one thread.
 */
final class StepStatistics {
  private static final double DECAY = 0.95;

  private double weight;
  private double loss;
  private double tokens;
  private double seconds;
  private double waiting;
  private double reading;

  /** Takes a step in. */
  void add(StepReport step) {
    weight = decayed(weight, 1);
    loss = decayed(loss, step.loss());
    tokens = decayed(tokens, (double) step.tokens());
    seconds = decayed(seconds, step.seconds());
    waiting = decayed(waiting, step.seconds() * step.communicationShare());
    reading = decayed(reading, step.seconds() * step.dataShare());
  }

  private static double decayed(double average, double value) {
    return DECAY * average + (1 - DECAY) * value;
  }

  /** Smoothed loss. */
  double loss() {
    return loss / weight;
  }

  /** Throughput of all ranks together. */
  double tokensPerSecond() {
    return seconds > 0 ? tokens / seconds : 0;
  }

  /** Share of the time that rank 0 waits for peers, 0 to 1. */
  double communicationShare() {
    return seconds > 0 ? waiting / seconds : 0;
  }

  /** Share of the time that rank 0 waits for training data, 0 to 1. */
  double dataShare() {
    return seconds > 0 ? reading / seconds : 0;
  }

  /** Time that this many steps will take. */
  Duration timeFor(long steps) {
    return Duration.ofMillis(Math.round(steps * 1000.0 * (seconds / weight)));
  }
}
