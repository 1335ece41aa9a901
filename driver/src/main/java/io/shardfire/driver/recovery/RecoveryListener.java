package io.shardfire.driver.recovery;

import java.time.Duration;

/** Hears what recovery does, on the thread of the loop. */
public interface RecoveryListener {
  /** A generation has failed. */
  void onFailure(Generation generation, Failure failure);

  /** The loop waits for executors. */
  void onWait(int ranks, Duration timeout);

  /**
   * The run is started again.
   *
   * @param fromStep step of the checkpoint it goes on from; 0 when there is none
   * @param attempt which restart in a row this is, from 1
   */
  void onRestart(Generation generation, long fromStep, int attempt);
}
