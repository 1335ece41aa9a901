package io.shardfire.driver.report;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a rank's reports to a thread of its own, so that a step never waits for the network.
 *
 * <p>Nothing is dropped, because the reports are also the run's metrics. When the queue is full,
 * the driver has not taken a report for thousands of steps or is gone: the training thread then
 * waits, and past the deadline the rank fails. A rank whose driver is gone must end anyway.
 *
 * <p>{@link #post}, {@link #postLast} and {@link #close} belong to one thread.
 */
public final class ReportSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReportSender.class);
  private static final int CAPACITY = 4096;

  private final ReportSink sink;
  private final Duration timeout;

  /** An empty element ends the queue. */
  private final BlockingQueue<Optional<RankReport>> queue;

  private final Thread thread;
  private volatile RuntimeException failure;

  private ReportSender(ReportSink sink, Duration timeout, int capacity, int rank) {
    this.sink = sink;
    this.timeout = timeout;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread = new Thread(this::drain, "shardfire-reports-rank-" + rank);
    thread.setDaemon(true);
  }

  /** Starts the thread. The sender closes the sink. */
  public static ReportSender start(ReportSink sink, Duration timeout, int rank) {
    return start(sink, timeout, rank, CAPACITY);
  }

  static ReportSender start(ReportSink sink, Duration timeout, int rank, int capacity) {
    ReportSender sender = new ReportSender(sink, timeout, capacity, rank);
    sender.thread.start();
    return sender;
  }

  /**
   * Queues a report.
   *
   * @throws IllegalStateException when the driver cannot be reached or has not taken a report
   *     within the deadline
   */
  public void post(RankReport report) {
    put(Optional.of(report));
  }

  /**
   * Queues the report that tells why the rank ends, also when the thread is interrupted meanwhile:
   * Spark interrupts all ranks once one has failed, and the reason must not get lost then. The
   * interruption is kept for the caller.
   *
   * @throws IllegalStateException like {@link #post}
   */
  public void postLast(RankReport report) {
    check(offer(Optional.of(report)));
  }

  private void put(Optional<RankReport> item) {
    try {
      check(queue.offer(item, timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while reporting to the driver", e);
    }
  }

  /** Queues within the deadline, whatever interrupts. */
  private boolean offer(Optional<RankReport> item) {
    return uninterruptibly(left -> queue.offer(item, left, TimeUnit.NANOSECONDS));
  }

  private void check(boolean queued) {
    if (failure != null) {
      throw new IllegalStateException("The driver cannot be reached", failure);
    }
    if (!queued) {
      throw new IllegalStateException(
          "The driver has not taken a report for " + timeout.toSeconds() + " seconds");
    }
  }

  private void drain() {
    try {
      while (true) {
        Optional<RankReport> item = queue.take();
        if (item.isEmpty()) {
          return;
        }
        if (failure == null) {
          send(item.get());
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("The report thread was stopped", e);
    } finally {
      sink.close();
    }
  }

  private void send(RankReport report) {
    try {
      sink.send(report);
    } catch (RuntimeException e) {
      // The rank hears of it at its next report. Draining goes on so that it cannot wait for a
      // full queue meanwhile.
      LOG.warn("A report has not reached the driver", e);
      failure = e;
    }
  }

  /** Waits up to the deadline; an interruption begins the wait for the rest of the time anew. */
  private boolean uninterruptibly(Wait wait) {
    long deadline = System.nanoTime() + timeout.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return wait.upTo(Math.max(0, deadline - System.nanoTime()));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Tells whether what it waits for has come. */
  @FunctionalInterface
  private interface Wait {
    boolean upTo(long nanoseconds) throws InterruptedException;
  }

  /**
   * Sends what is queued, then ends. An interruption is put off until then.
   *
   * @throws IllegalStateException when that takes longer than the deadline or the driver is gone
   */
  @Override
  public void close() {
    boolean ended;
    try {
      // Also after a failure: the thread drains what is left and closes the sink.
      ended = offer(Optional.empty()) && uninterruptibly(this::ends);
    } finally {
      if (thread.isAlive()) {
        thread.interrupt();
      }
    }
    if (failure != null) {
      throw new IllegalStateException("The driver cannot be reached", failure);
    }
    if (!ended) {
      throw new IllegalStateException(
          "The driver has not taken the last reports within " + timeout.toSeconds() + " seconds");
    }
  }

  private boolean ends(long nanoseconds) throws InterruptedException {
    // Rounded up, for joining for 0 milliseconds would wait without end.
    thread.join(1 + TimeUnit.NANOSECONDS.toMillis(nanoseconds));
    return !thread.isAlive();
  }
}
