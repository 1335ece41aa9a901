package io.shardfire.driver.recovery;

import java.time.Duration;

/** The executors at hand. */
public interface ExecutorPool {
  /**
   * Waits until {@code ranks} ranks find a place, at most for {@code timeout}.
   *
   * @return how many ranks find a place now, which is less when the time is over or the run was
   *     cancelled
   */
  int awaitSlots(int ranks, Duration timeout);
}
