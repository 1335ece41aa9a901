package io.shardfire.driver.plan;

/**
 * What to do when the run folder already holds a run. Where an earlier attempt of the same
 * submission began it, every choice means to resume, so that a retry never erases or refuses its
 * own checkpoints.
 */
public enum ExistingRun {
  /** Stop with an error and touch nothing. */
  REFUSE,
  /** Go on from the newest valid checkpoint; start at step 0 when there is none. */
  RESUME,
  /** Delete the folder's checkpoints and metrics first, and nothing else in it. */
  OVERWRITE
}
