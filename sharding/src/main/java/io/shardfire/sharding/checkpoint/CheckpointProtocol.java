package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the ranks write one checkpoint together. Every round ends with a gather of reports, so that
 * all ranks go on or all fail:
 *
 * <pre>
 *   round 0   rank 0 makes an empty folder                     the others wait
 *   round 1   each rank writes its model and optimizer files, rank 0 also the documents
 *   round 2   rank 0 commits with the manifest, then deletes old checkpoints
 * </pre>
 *
 * When a rank fails, rank 0 deletes the unfinished folder, which frees the disk.
 */
final class CheckpointProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointProtocol.class);

  private final CheckpointStore store;
  private final Communicator communicator;
  private final ModelFiles plan;
  private final int keep;

  CheckpointProtocol(CheckpointStore store, Communicator communicator, ModelFiles plan, int keep) {
    this.store = store;
    this.communicator = communicator;
    this.plan = plan;
    this.keep = keep;
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
    round(
        step,
        0,
        () -> {
          if (first) {
            store.prepare(step);
          }
          return List.of();
        });
    List<Manifest.Entry> files;
    try {
      files =
          round(
              step,
              1,
              () -> {
                List<Manifest.Entry> written = new ArrayList<>(snapshot.write(store, step));
                if (first) {
                  written.addAll(writeDocuments(step, documents));
                }
                return written;
              });
    } catch (CheckpointException e) {
      if (first) {
        discard(step, e);
      }
      throw e;
    }
    round(
        step,
        2,
        () -> {
          if (first) {
            store.commit(manifest(step, files));
            LOG.info("Checkpoint of step {} is in {}", step, store.folder(step));
            store.retain(keep);
          }
          return List.of();
        });
  }

  /** Does this rank's part, tells the others, and fails if any of them has failed. */
  private List<Manifest.Entry> round(long step, int number, Callable<List<Manifest.Entry>> part) {
    Throwable mine = null;
    RankReport report;
    try {
      report = RankReport.done(part.call());
    } catch (Throwable e) {
      // Errors too, such as lack of memory: the other ranks must not wait for this one in vain.
      mine = e;
      report = RankReport.failed(e);
    }
    byte[][] reports;
    try {
      reports =
          communicator.allGatherBytes(
              new CollectiveKey(step, Phase.CHECKPOINT, number), report.toBytes());
    } catch (RuntimeException e) {
      CheckpointException failure =
          new CheckpointException(
              "Checkpoint cannot be completed, a rank is not heard of: step="
                  + step
                  + ", round="
                  + number
                  + ", rank="
                  + communicator.rank()
                  + ", problem="
                  + e.getMessage(),
              e);
      if (mine != null) {
        failure.addSuppressed(mine);
      }
      throw failure;
    }
    List<Manifest.Entry> files = new ArrayList<>();
    for (int rank = 0; rank < reports.length; rank++) {
      RankReport theirs = RankReport.parse(rank, reports[rank]);
      if (theirs.hasFailed()) {
        throw new CheckpointException(
            "Checkpoint cannot be written: step="
                + step
                + ", failed rank="
                + rank
                + ", problem="
                + theirs.failure(),
            rank == communicator.rank() ? mine : null);
      }
      files.addAll(theirs.files());
    }
    return files;
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
    return store.write(step, name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Manifest manifest(long step, List<Manifest.Entry> files) {
    List<Manifest.Entry> sorted = new ArrayList<>(files);
    sorted.sort(Comparator.comparing(Manifest.Entry::name));
    return new Manifest(Manifest.VERSION, step, sorted);
  }

  private void discard(long step, CheckpointException reason) {
    try {
      store.delete(step);
    } catch (CheckpointException e) {
      reason.addSuppressed(e);
    }
  }
}
