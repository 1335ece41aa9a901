package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.SampleModel.State;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.lease.LeaseTicket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs the ranks of a group as threads. */
final class Ranks {
  static final long ONE_FILE = 1L << 30;

  static final LeaseTicket TICKET = new LeaseTicket("run of the test", "owner", 1);

  private Ranks() {}

  /** What one rank does. */
  interface Rank {
    void run(CheckpointWriter writer, ShardLayout layout, int rank) throws Exception;
  }

  /** Every rank's failure, in rank order; null for those that succeeded. */
  static List<Throwable> run(
      CheckpointStore store, int worldSize, long maxModelFileBytes, int keep, Rank body) {
    return run(store, worldSize, maxModelFileBytes, true, keep, body);
  }

  static List<Throwable> run(
      CheckpointStore store,
      int worldSize,
      long maxModelFileBytes,
      boolean copies,
      int keep,
      Rank body) {
    MomentSet moments = SampleModel.moments(SampleModel.layout(worldSize));
    return run(store, worldSize, moments, maxModelFileBytes, copies, keep, body);
  }

  static List<Throwable> run(
      CheckpointStore store,
      int worldSize,
      MomentSet moments,
      long maxModelFileBytes,
      boolean copies,
      int keep,
      Rank body) {
    ShardLayout layout = SampleModel.layout(worldSize);
    InProcessGroup group = InProcessGroup.of(worldSize, Duration.ofSeconds(60));
    ExecutorService threads = Executors.newFixedThreadPool(worldSize);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int r = 0; r < worldSize; r++) {
        int rank = r;
        futures.add(
            threads.submit(
                () -> {
                  try (CheckpointWriter writer =
                      CheckpointWriter.create(
                          store,
                          layout,
                          moments,
                          group.communicator(rank),
                          maxModelFileBytes,
                          copies,
                          keep,
                          TICKET)) {
                    body.run(writer, layout, rank);
                  }
                  return null;
                }));
      }
      List<Throwable> failures = new ArrayList<>();
      for (Future<?> future : futures) {
        try {
          future.get(120, TimeUnit.SECONDS);
          failures.add(null);
        } catch (ExecutionException e) {
          failures.add(e.getCause());
        }
      }
      return failures;
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Saves the steps and fails if a rank does. */
  static void save(
      CheckpointStore store, int worldSize, long maxModelFileBytes, int keep, long... steps) {
    List<Throwable> failures = trySave(store, worldSize, maxModelFileBytes, keep, steps);
    for (Throwable failure : failures) {
      if (failure != null) {
        throw new AssertionError(failure);
      }
    }
  }

  static List<Throwable> trySave(
      CheckpointStore store, int worldSize, long maxModelFileBytes, int keep, long... steps) {
    return run(
        store,
        worldSize,
        maxModelFileBytes,
        keep,
        (writer, layout, rank) -> {
          for (long step : steps) {
            saveStep(writer, layout, rank, step);
          }
          writer.flush();
        });
  }

  static void saveStep(CheckpointWriter writer, ShardLayout layout, int rank, long step) {
    writer.save(
        step,
        SampleModel.units(layout, State.WEIGHT, step),
        List.of(
            SampleModel.shards(layout, rank, SampleModel.units(layout, State.FIRST, step)),
            SampleModel.shards(layout, rank, SampleModel.units(layout, State.SECOND, step))),
        SampleModel.DOCUMENTS);
  }
}
