package io.shardfire.sharding.lease;

import java.time.Duration;

/** The time of a lease; tests move it by hand. */
public interface LeaseTimer extends AutoCloseable {
  /**
   * Runs a task again and again, each time an interval after it ended, until closed. Called once.
   */
  void every(Duration interval, Runnable task);

  /** Returns after a while. */
  void settle(Duration time);

  /** Ends the task. */
  @Override
  void close();
}
