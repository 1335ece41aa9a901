package io.shardfire.sharding.transport;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Waits for a node's single threads. */
final class Idle {
  private Idle() {}

  /**
   * Waits until a single thread has ended the tasks it had when this was called; an interruption is
   * put off until then, for what is waited for goes on.
   *
   * @return false when the time is over
   */
  static boolean await(ExecutorService thread, Duration timeout) {
    CountDownLatch done = new CountDownLatch(1);
    try {
      thread.execute(done::countDown);
    } catch (RejectedExecutionException e) {
      return uninterruptibly(left -> thread.awaitTermination(left, TimeUnit.NANOSECONDS), timeout);
    }
    return uninterruptibly(left -> done.await(left, TimeUnit.NANOSECONDS), timeout);
  }

  /** Tells whether what it waits for has come. */
  @FunctionalInterface
  interface Wait {
    boolean upTo(long nanoseconds) throws InterruptedException;
  }

  static boolean uninterruptibly(Wait wait, Duration timeout) {
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
}
