package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.lease.LeaseFence;
import io.shardfire.sharding.lease.LeaseFolder;
import io.shardfire.sharding.lease.LeaseTicket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes sharded checkpoints in the background. Each rank writes its own files; rank 0 commits with
 * the manifest after all ranks have reported theirs (through the communicator, under {@code
 * Phase.CHECKPOINT}). A failure surfaces on every rank at its next {@link #save}, {@link #flush} or
 * {@link #close}; earlier checkpoints are then untouched. Used by one thread.
 */
public final class CheckpointWriter implements AutoCloseable {
  /** How long a checkpoint may take; a lost rank is noticed much earlier, by the communicator. */
  private static final Duration DEADLINE = Duration.ofHours(1);

  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  private final ShardLayout layout;
  private final MomentSet moments;
  private final int rank;
  private final Snapshot snapshot;
  private final CheckpointProtocol protocol;
  private final ExecutorService coordinator;
  private final ExecutorService worker;
  private Future<?> underWay;
  private long lastStep = -1;

  private CheckpointWriter(
      CheckpointStore store,
      ShardLayout layout,
      MomentSet moments,
      Communicator communicator,
      ModelFiles plan,
      boolean copies,
      int keep,
      LeaseTicket ticket,
      Duration heartbeat) {
    this.layout = layout;
    this.moments = moments;
    this.rank = communicator.rank();
    this.snapshot = new Snapshot(layout, moments, communicator.rank(), plan, copies);
    this.coordinator = thread("checkpoint-coordinator-rank-" + communicator.rank());
    this.worker = thread("checkpoint-writer-rank-" + communicator.rank());
    LeaseFence fence = new LeaseFence(LeaseFolder.of(store.files(), store.run()), ticket);
    this.protocol =
        new CheckpointProtocol(store, communicator, fence, plan, keep, heartbeat, worker);
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Creates the writer of one rank.
   *
   * @param layout of the parameters
   * @param moments what the optimizer keeps
   * @param maxModelFileBytes weights are split into files of at most this size (whole tensors),
   *     independent of the world size
   * @param copies whether what is saved may change while it is written: then there are buffers for
   *     it
   * @param keep committed steps to keep; the last good one is never removed
   * @param ticket names the run in the manifests, and lets the group write while it is the newest
   */
  public static CheckpointWriter create(
      CheckpointStore store,
      ShardLayout layout,
      MomentSet moments,
      Communicator communicator,
      long maxModelFileBytes,
      boolean copies,
      int keep,
      LeaseTicket ticket) {
    return create(
        store, layout, moments, communicator, maxModelFileBytes, copies, keep, ticket, HEARTBEAT);
  }

  static CheckpointWriter create(
      CheckpointStore store,
      ShardLayout layout,
      MomentSet moments,
      Communicator communicator,
      long maxModelFileBytes,
      boolean copies,
      int keep,
      LeaseTicket ticket,
      Duration heartbeat) {
    if (keep < 1
        || layout.worldSize() != communicator.worldSize()
        || moments.layout().worldSize() != communicator.worldSize()) {
      throw new IllegalArgumentException(
          "A checkpoint writer keeps at least one checkpoint, and its layouts are those of its"
              + " group: keep="
              + keep
              + ", layout's worldSize="
              + layout.worldSize()
              + ", moments' worldSize="
              + moments.layout().worldSize()
              + ", communicator's worldSize="
              + communicator.worldSize());
    }
    ModelFiles plan = ModelFiles.plan(layout.units(), maxModelFileBytes);
    return new CheckpointWriter(
        store, layout, moments, communicator, plan, copies, keep, ticket, heartbeat);
  }

  /** Bytes of the copies that a rank's writer will hold, for a memory plan. */
  public static long snapshotBytes(
      ShardLayout layout, MomentSet moments, int rank, long maxModelFileBytes) {
    return Snapshot.bytes(
        layout, moments, rank, ModelFiles.plan(layout.units(), maxModelFileBytes));
  }

  /**
   * Takes what this rank must write and returns; waits first if the previous checkpoint is still
   * being written. Without copies, nothing may change until this one is, see {@link #flush}.
   * Collective: all ranks call it with the same step.
   *
   * @param units where each unit's parameters lie
   * @param shards where this rank's shard of each unit lies, in each moment
   * @param documents file name to text: config.json, tokenizer.json, trainer.json; written by rank
   *     0
   * @throws CheckpointException when the previous checkpoint has failed
   * @throws IllegalArgumentException when the step is not after the last one, a range does not
   *     cover its part of the layout, or a document has the name of another file of the checkpoint
   */
  public void save(
      long step,
      List<FloatRange> units,
      List<List<FloatRange>> shards,
      Map<String, String> documents) {
    flush();
    if (step <= lastStep) {
      throw new IllegalArgumentException(
          "Checkpoints are written in ascending order of steps: step="
              + step
              + ", last step="
              + lastStep);
    }
    moments.requireCount(shards.size());
    for (int unit = 0; unit < layout.units().size(); unit++) {
      checkCovers("parameters", units, layout.unit(unit));
      for (int moment = 0; moment < shards.size(); moment++) {
        String name = moments.names().get(moment);
        checkCovers(name, shards.get(moment), moments.layout().shard(unit, rank));
      }
    }
    TreeMap<String, String> texts = new TreeMap<>(documents);
    texts.keySet().forEach(CheckpointProtocol::checkDocumentName);
    lastStep = step;
    snapshot.fill(units, shards);
    underWay = coordinator.submit(() -> protocol.write(step, snapshot, texts));
  }

  private void checkCovers(String state, List<FloatRange> ranges, UnitRange part) {
    if (ranges.get(part.unit()).length() < part.length()) {
      throw new IllegalArgumentException(
          "A range does not cover its part of the layout: state="
              + state
              + ", unit="
              + layout.units().get(part.unit()).name()
              + ", floats="
              + ranges.get(part.unit()).length()
              + ", expected="
              + part.length());
    }
  }

  /**
   * Whether a checkpoint is under way; when it no longer is, {@link #flush} returns or throws at
   * once.
   */
  public boolean isWriting() {
    return underWay != null && !underWay.isDone();
  }

  /** Waits for the checkpoint under way; throws what went wrong with it. */
  public void flush() {
    Future<?> waitingFor = underWay;
    if (waitingFor == null) {
      return;
    }
    underWay = null;
    try {
      waitingFor.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CheckpointException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new CheckpointException(
          "Checkpoint is not written within the deadline: step="
              + lastStep
              + ", deadline="
              + DEADLINE,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CheckpointException(
          "Interrupted while a checkpoint was being written: step=" + lastStep, e);
    }
  }

  /** As {@link #flush}, and ends the background threads. */
  @Override
  public void close() {
    try {
      flush();
    } finally {
      coordinator.shutdownNow();
      worker.shutdownNow();
    }
  }
}
