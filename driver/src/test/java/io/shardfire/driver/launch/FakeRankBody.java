package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;
import io.shardfire.sharding.transport.NetworkConfiguration;
import io.shardfire.sharding.transport.PeerAddress;
import io.shardfire.worker.train.TrainingListener.StartReport;
import io.shardfire.worker.train.TrainingListener.StepReport;
import java.util.ArrayList;
import java.util.List;

/**
 * Reports a start, a step and a validation, then fails or ends.
 *
 * @param failures what each rank throws; empty when none does
 */
record FakeRankBody(ArrayList<RuntimeException> failures) implements RankBody {
  FakeRankBody(List<RuntimeException> failures) {
    this(new ArrayList<>(failures));
  }

  @Override
  public RankSession open(NetworkConfiguration network) {
    return new RankSession() {
      @Override
      public PeerAddress address() {
        return new PeerAddress(network.bindHost(), 4711);
      }

      @Override
      public RankOutcome run(RankSeat seat) {
        return FakeRankBody.this.run(seat);
      }

      @Override
      public void close() {}
    };
  }

  private RankOutcome run(RankSeat seat) {
    seat.reports()
        .accept(
            new RankReport.Started(
                seat.executorId(),
                seat.processId(),
                new StartReport(
                    seat.rank(), "fake-" + seat.rank(), "fake device", 7, 1, 2, 3, 4, 0, 90, 10)));
    if (seat.rank() == 0) {
      seat.reports()
          .accept(new RankReport.Stepped(new StepReport(1, 3.25, 1e-3, 0.5, 64, 0.125, 0.25)));
      seat.reports().accept(new RankReport.Evaluated(1, 2.5));
    }
    if (!failures.isEmpty()) {
      throw failures.get(seat.rank());
    }
    return new RankOutcome(seat.rank(), 2, 1.5, "peers=" + seat.worldSize());
  }
}
