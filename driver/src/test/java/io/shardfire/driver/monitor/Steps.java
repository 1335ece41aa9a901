package io.shardfire.driver.monitor;

import io.shardfire.worker.train.LossScale;
import io.shardfire.worker.train.TrainingListener.StepReport;

/** Steps for tests. */
final class Steps {
  private Steps() {}

  /** A step of half a second over 4096 tokens, a tenth of it waiting for peers. */
  static StepReport step(long number, double loss) {
    return step(number, loss, 0.004);
  }

  /** The same, with a share of it waiting for data. */
  static StepReport step(long number, double loss, double dataShare) {
    return new StepReport(number, loss, 6e-4, 0.8765, 4096, 0.5, 0.1, dataShare, null, false);
  }

  /** A step of half a second that has updated nothing. */
  static StepReport skipped(long number, double loss, LossScale scale) {
    return new StepReport(
        number, loss, 6e-4, Double.POSITIVE_INFINITY, 4096, 0.5, 0.1, 0.004, scale, true);
  }
}
