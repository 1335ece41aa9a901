package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;
import io.shardfire.worker.train.TrainingListener;
import java.util.concurrent.CancellationException;

/** Passes progress on to the driver, and ends the rank when Spark has ended its task. */
final class ReportingListener implements TrainingListener {
  private final RankSeat seat;

  ReportingListener(RankSeat seat) {
    this.seat = seat;
  }

  @Override
  public void onStart(StartReport report) {
    seat.reports().accept(new RankReport.Started(seat.executorId(), seat.processId(), report));
  }

  /**
   * Also looks whether the rank was stopped. Rank 0 hears of every step, and its end ends the
   * others' collectives.
   */
  @Override
  public void onStep(StepReport report) {
    seat.reports().accept(new RankReport.Stepped(report));
    if (seat.stopped().getAsBoolean()) {
      throw new CancellationException(
          "The driver has cancelled the run after step " + report.step());
    }
  }

  @Override
  public void onEvaluation(long step, double loss) {
    seat.reports().accept(new RankReport.Evaluated(step, loss));
  }

  @Override
  public void onCheckpoint(long step, String folder) {
    seat.reports().accept(new RankReport.Checkpointed(step, folder));
  }
}
