package io.shardfire.jobs.output;

import io.shardfire.driver.monitor.TrainingHistory;
import io.shardfire.driver.monitor.TrainingHistory.Evaluation;
import io.shardfire.driver.monitor.TrainingHistory.Step;
import io.shardfire.worker.bench.Medians;
import java.util.Comparator;
import java.util.List;

/** A run's losses, under the name that a user gave. */
public record NamedRun(String name, TrainingHistory history) {
  /** Batches differ: a loss is the mean of so many steps. */
  private static final int LAST = 100;

  /** Steps done. */
  public long steps() {
    return history.steps().get(history.steps().size() - 1).step();
  }

  /** Tokens of all steps. */
  long tokens() {
    return history.steps().stream().mapToLong(Step::tokens).sum();
  }

  /** The mean loss of the last {@value #LAST} steps, in nats. */
  double lastLoss() {
    List<Step> steps = history.steps();
    return steps.subList(Math.max(0, steps.size() - LAST), steps.size()).stream()
        .mapToDouble(Step::loss)
        .average()
        .orElseThrow();
  }

  /** The evaluation with the lowest loss; null where there was none. */
  Evaluation best() {
    return history.evaluations().stream()
        .min(Comparator.comparingDouble(Evaluation::loss))
        .orElse(null);
  }

  /** The median of the steps. */
  double tokensPerSecond() {
    return Medians.of(
        history.steps().stream().mapToDouble(step -> step.tokens() / step.seconds()).toArray());
  }
}
