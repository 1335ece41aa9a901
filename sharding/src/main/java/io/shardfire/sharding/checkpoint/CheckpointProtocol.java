package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.RankReport.Status;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.lease.LeaseFence;
import io.shardfire.sharding.lease.LeaseLostException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the ranks write one checkpoint together, in three stages. A stage ends when all ranks have
 * reported that they are done with it, so that all go on or all fail:
 *
 * <pre>
 *   prepare   rank 0 makes an empty folder
 *   write     each rank writes its model and optimizer files, rank 0 also the documents
 *   commit    rank 0 writes the manifest, then deletes old checkpoints
 * </pre>
 *
 * <p>Before it makes, commits or deletes anything, rank 0 looks whether the run folder still is
 * this group's; when it is not, nothing there is touched any more.
 *
 * <p>Reports are gathered at least once per heartbeat, also while a rank is still working, so that
 * a large file on a slow file system does not run into the communicator's deadline, but a lost rank
 * does. When a rank has failed and no other is working any more, rank 0 deletes the unfinished
 * folder, which frees the disk.
 */
final class CheckpointProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointProtocol.class);

  private final CheckpointStore store;
  private final Communicator communicator;
  private final LeaseFence fence;
  private final ModelFiles plan;
  private final int keep;
  private final Duration heartbeat;
  private final ExecutorService worker;

  /**
   * @param fence tells whether this group may write
   * @param heartbeat longest time between two gathers; shorter than the communicator's deadline
   * @param worker does this rank's part of a stage
   */
  CheckpointProtocol(
      CheckpointStore store,
      Communicator communicator,
      LeaseFence fence,
      ModelFiles plan,
      int keep,
      Duration heartbeat,
      ExecutorService worker) {
    this.store = store;
    this.communicator = communicator;
    this.fence = fence;
    this.plan = plan;
    this.keep = keep;
    this.heartbeat = heartbeat;
    this.worker = worker;
  }

  /** Rejects names of documents that would hide another file of a checkpoint. */
  static void checkDocumentName(String name) {
    Manifest.checkName(name);
    if (name.startsWith("model") || name.startsWith("optimizer-")) {
      throw new IllegalArgumentException(
          "The name of a document is that of a model or optimizer file: document=" + name);
    }
  }

  /** Runs on every rank. */
  void write(long step, Snapshot snapshot, SortedMap<String, String> documents) {
    boolean first = communicator.rank() == 0;
    Gathers gathers = new Gathers(step);
    gathers.stage(
        () -> {
          if (first) {
            fence.check();
            store.prepare(step);
          }
          return List.of();
        });
    List<Manifest.Entry> files =
        gathers.stage(
            () -> {
              List<Manifest.Entry> written = new ArrayList<>(snapshot.write(store.at(step)));
              if (first) {
                written.addAll(writeDocuments(step, documents));
              }
              return written;
            });
    gathers.stage(
        () -> {
          if (first) {
            fence.check();
            store.commit(manifest(step, files));
            LOG.info("Checkpoint of step {} is in {}", step, store.folder(step));
            fence.check();
            store.retain(keep);
          }
          return List.of();
        });
  }

  /** The gathers of one step, which have numbered keys. */
  private final class Gathers {
    private final long step;
    private int number;

    Gathers(long step) {
      this.step = step;
    }

    /** Does this rank's part and returns all ranks' files, in rank order. */
    List<Manifest.Entry> stage(Callable<List<Manifest.Entry>> part) {
      Future<List<Manifest.Entry>> work = worker.submit(part);
      while (true) {
        Outcome mine = outcome(work);
        List<RankReport> reports = gather(mine, work);
        if (reports.stream().noneMatch(report -> report.status() == Status.WORKING)) {
          return files(reports, mine.problem());
        }
      }
    }

    private List<RankReport> gather(Outcome mine, Future<?> work) {
      try {
        byte[][] bytes =
            communicator.allGatherBytes(
                new CollectiveKey(step, Phase.CHECKPOINT, number), mine.report().toBytes());
        number++;
        List<RankReport> reports = new ArrayList<>();
        for (int rank = 0; rank < bytes.length; rank++) {
          reports.add(RankReport.parse(rank, bytes[rank]));
        }
        return reports;
      } catch (RuntimeException e) {
        work.cancel(true);
        CheckpointException failure =
            new CheckpointException(
                "Checkpoint cannot be completed, the ranks cannot agree: step="
                    + step
                    + ", gather="
                    + number
                    + ", rank="
                    + communicator.rank()
                    + ", problem="
                    + e.getMessage(),
                e);
        if (mine.problem() != null) {
          failure.addSuppressed(mine.problem());
        }
        throw failure;
      }
    }

    private List<Manifest.Entry> files(List<RankReport> reports, Throwable mine) {
      List<Manifest.Entry> files = new ArrayList<>();
      for (int rank = 0; rank < reports.size(); rank++) {
        RankReport report = reports.get(rank);
        if (report.status() == Status.FAILED) {
          CheckpointException failure =
              new CheckpointException(
                  "Checkpoint cannot be written: step="
                      + step
                      + ", failed rank="
                      + rank
                      + ", problem="
                      + report.failure(),
                  rank == communicator.rank() ? mine : null);
          if (communicator.rank() == 0) {
            discard(failure);
          }
          throw failure;
        }
        files.addAll(report.files());
      }
      return files;
    }

    /**
     * A step whose manifest is in place stays: what failed after that was deleting older ones. So
     * does the folder where the lease is lost, or may be: the new owner may be writing there.
     */
    private void discard(CheckpointException reason) {
      try {
        fence.check();
        if (!store.isCommitted(step)) {
          store.delete(step);
        }
      } catch (CheckpointException | LeaseLostException | UncheckedIOException e) {
        reason.addSuppressed(e);
      }
    }
  }

  /** This rank's report, and what has gone wrong, or null. */
  private record Outcome(RankReport report, Throwable problem) {}

  /** Errors are reported too, such as lack of memory, so that others do not wait in vain. */
  private Outcome outcome(Future<List<Manifest.Entry>> work) {
    try {
      return new Outcome(
          RankReport.done(work.get(heartbeat.toNanos(), TimeUnit.NANOSECONDS)), null);
    } catch (TimeoutException e) {
      return new Outcome(RankReport.working(), null);
    } catch (ExecutionException e) {
      return new Outcome(RankReport.failed(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      work.cancel(true);
      Thread.currentThread().interrupt();
      return new Outcome(RankReport.failed(e), e);
    }
  }

  private List<Manifest.Entry> writeDocuments(long step, SortedMap<String, String> documents) {
    List<Manifest.Entry> written = new ArrayList<>();
    for (Map.Entry<String, String> document : documents.entrySet()) {
      written.add(writeText(step, document.getKey(), document.getValue()));
    }
    Optional<String> index = plan.indexJson();
    if (index.isPresent()) {
      written.add(writeText(step, ModelFiles.INDEX, index.get()));
    }
    return written;
  }

  private Manifest.Entry writeText(long step, String name, String text) {
    return store.at(step).write(name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private Manifest manifest(long step, List<Manifest.Entry> files) {
    List<Manifest.Entry> sorted = new ArrayList<>(files);
    sorted.sort(Comparator.comparing(Manifest.Entry::name));
    return new Manifest(Manifest.VERSION, step, fence.ticket().runId(), sorted);
  }
}
