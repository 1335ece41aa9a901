package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads a rank's next micro-batches while the device computes, on a thread of its own: a reader
 * waits for its disk or network, a step does not. Which ones come next follows from the step alone.
 * What is read is the same as without it, and so are the bits of the run.
 *
 * <pre>
 * reader    | fill 0 | fill 1 | fill 2 | fill 3 | (waits)      | fill 4 | ...
 * training           | load 0, compute                 | load 1, compute | ...
 * </pre>
 *
 * <p>{@link #load} and {@link #close} are for the training thread. The reader starts with the first
 * load, and what it throws is thrown by the load of the micro-batch that it could not read, and by
 * all that follow.
 */
final class ReadAhead implements BatchSource, AutoCloseable {
  /** Micro-batches that are read before they are needed. */
  static final int DEPTH = 4;

  private static final long JOIN_MILLIS = 10_000;

  private final BatchSource source;
  private final BatchShape shape;
  private final int firstShard;
  private final BlockingQueue<Slot> empty = new ArrayBlockingQueue<>(DEPTH);
  private final BlockingQueue<Slot> full = new ArrayBlockingQueue<>(DEPTH);
  private Thread reader;
  private long waitNanos;

  /** A micro-batch, or why there is none. Owned by whoever took it from a queue. */
  private static final class Slot {
    private final BatchSpans batch;
    private long completedSteps;
    private int shard;
    private int pass;
    private Throwable failure;

    private Slot(BatchSpans batch) {
      this.batch = batch;
    }
  }

  /**
   * Takes memory for the micro-batches; reads nothing yet.
   *
   * @param source asked from the reader's thread only
   * @param form of its micro-batches
   */
  ReadAhead(
      BatchSource source, BatchForm form, BatchShape shape, int rank, ComputeContext compute) {
    this.source = source;
    this.shape = shape;
    this.firstShard = shape.firstShard(rank);
    // No command buffer runs on this memory, so that the device never sees it.
    Arena arena = compute.newMemory().allocate("micro-batches read ahead", floats(form));
    int[] used = {0};
    for (int slot = 0; slot < DEPTH; slot++) {
      empty.add(
          new Slot(
              BatchSpans.of(
                  form,
                  length -> {
                    Span span = arena.span(used[0], length);
                    used[0] += length;
                    return span;
                  })));
    }
  }

  private static long floats(BatchForm form) {
    return DEPTH * BatchSpans.floats(form);
  }

  /** Heap that it takes. */
  static long bytes(BatchForm form) {
    return Float.BYTES * floats(form);
  }

  @Override
  public void load(long completedSteps, int shard, int pass, BatchSpans batch) {
    long started = System.nanoTime();
    if (reader == null) {
      start(completedSteps, shard, pass);
    }
    Slot slot = take(full);
    if (slot.failure != null) {
      full.add(slot);
      throw failed(slot.failure);
    }
    if (slot.completedSteps != completedSteps || slot.shard != shard || slot.pass != pass) {
      throw new IllegalStateException(
          "Micro-batches are taken in their order only: completedSteps="
              + completedSteps
              + ", shard="
              + shard
              + ", pass="
              + pass
              + ", next="
              + slot.completedSteps
              + "/"
              + slot.shard
              + "/"
              + slot.pass);
    }
    slot.batch.copyTo(batch);
    empty.add(slot);
    waitNanos += System.nanoTime() - started;
  }

  /** How long loads have taken so far: what steps have waited for data. */
  long waitNanos() {
    return waitNanos;
  }

  private void start(long completedSteps, int shard, int pass) {
    reader = new Thread(() -> read(completedSteps, shard, pass), "shardfire-read-ahead");
    reader.setDaemon(true);
    reader.start();
  }

  private void read(long completedSteps, int shard, int pass) {
    int behind = firstShard + shape.shardsPerRank();
    long step = completedSteps;
    int nextShard = shard;
    int nextPass = pass;
    try {
      while (fill(empty.take(), step, nextShard, nextPass)) {
        nextPass++;
        if (nextPass == shape.accumulation()) {
          nextPass = 0;
          nextShard++;
        }
        if (nextShard == behind) {
          nextShard = firstShard;
          step++;
        }
      }
    } catch (InterruptedException e) {
      // Closed: nobody waits for more.
      Thread.currentThread().interrupt();
    }
  }

  /** Whether there is more to read. */
  private boolean fill(Slot slot, long completedSteps, int shard, int pass) {
    slot.completedSteps = completedSteps;
    slot.shard = shard;
    slot.pass = pass;
    try {
      source.load(completedSteps, shard, pass, slot.batch);
    } catch (RuntimeException | Error e) {
      slot.failure = e;
    }
    full.add(slot);
    return slot.failure == null;
  }

  private static RuntimeException failed(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }

  private static Slot take(BlockingQueue<Slot> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException("Interrupted while waiting for training data", e);
    }
  }

  /** Ends the reader; what it reads at the time is given up. */
  @Override
  public void close() {
    if (reader != null) {
      reader.interrupt();
      try {
        reader.join(JOIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
