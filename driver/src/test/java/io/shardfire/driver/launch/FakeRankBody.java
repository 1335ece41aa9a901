package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;
import io.shardfire.sharding.transport.NetworkConfiguration;
import io.shardfire.sharding.transport.PeerAddress;
import io.shardfire.worker.train.TrainingListener.StartReport;
import io.shardfire.worker.train.TrainingListener.StepReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reports a start, a step and a validation, then fails or ends. The ranks are threads of one JVM.
 *
 * @param failures what each of the two ranks throws; empty when none does
 * @param lastRank the rank that throws only after Spark has stopped it because the other had failed
 * @param key of this body in the JVM, the same in all its copies
 */
record FakeRankBody(ArrayList<RuntimeException> failures, int lastRank, long key)
    implements RankBody {
  private static final long LONGEST_SECONDS = 120;
  private static final AtomicLong NEXT = new AtomicLong();
  private static final Map<Long, CountDownLatch> READY = new ConcurrentHashMap<>();

  /** Ends without a failure. */
  FakeRankBody() {
    this(List.of(), 0);
  }

  FakeRankBody(List<RuntimeException> failures, int lastRank) {
    this(new ArrayList<>(failures), lastRank, NEXT.getAndIncrement());
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
          .accept(
              new RankReport.Stepped(
                  new StepReport(1, 3.25, 1e-3, 0.5, 64, 0.125, 0.25, 0, null, false)));
      seat.reports().accept(new RankReport.Evaluated(1, 2.5));
    }
    if (!failures.isEmpty()) {
      awaitTurn(seat.rank());
      throw failures.get(seat.rank());
    }
    return new RankOutcome(seat.rank(), 2, 0, 1.5, "peers=" + seat.worldSize());
  }

  /** The first to fail waits for the other, which would else be stopped while it reports. */
  private void awaitTurn(int rank) {
    CountDownLatch ready = READY.computeIfAbsent(key, unused -> new CountDownLatch(1));
    try {
      if (rank == lastRank) {
        ready.countDown();
        // Nobody counts this one down: only an interruption ends the wait.
        new CountDownLatch(1).await(LONGEST_SECONDS, TimeUnit.SECONDS);
        throw new AssertionError("Spark has not stopped the rank: rank=" + rank);
      } else if (!ready.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("The other rank has not come this far: rank=" + lastRank);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
