package io.shardfire.driver.report;

import io.shardfire.worker.train.TrainingListener.StartReport;
import io.shardfire.worker.train.TrainingListener.StepReport;

/** What a rank tells the driver. */
public sealed interface RankReport {

  /**
   * The rank is ready.
   *
   * @param processId operating-system process of the executor on {@code start.host()}
   */
  record Started(String executorId, long processId, StartReport start) implements RankReport {}

  /** A step has ended; rank 0 only. */
  record Stepped(StepReport step) implements RankReport {}

  /** A validation has ended; rank 0 only. */
  record Evaluated(long step, double loss) implements RankReport {}

  /** A checkpoint has been committed; rank 0 only. */
  record Checkpointed(long step, String folder) implements RankReport {}

  /**
   * The rank ends with an exception. Sent before the rank closes its connections, so that the
   * driver hears of the cause before the peers can notice.
   */
  record Failed(
      String host,
      String executorId,
      long processId,
      FailureKind kind,
      String exception,
      String message,
      String stackTrace)
      implements RankReport {}
}
