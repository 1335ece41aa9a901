package io.shardfire.jobs.output;

import io.shardfire.driver.monitor.TrainingHistory.Step;

/** What losses are drawn over. */
public enum LossAxis {
  /** Optimizer steps. */
  STEPS("step"),
  /** Tokens learned from. */
  TOKENS("tokens"),
  /** Time spent in steps, without evaluations, checkpoints and restarts. */
  SECONDS("seconds of training");

  private final String label;

  LossAxis(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /** The place after a step that began at another. */
  double after(double place, Step step) {
    return switch (this) {
      case STEPS -> step.step();
      case TOKENS -> place + step.tokens();
      case SECONDS -> place + step.seconds();
    };
  }
}
