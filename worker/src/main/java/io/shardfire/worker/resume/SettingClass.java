package io.shardfire.worker.resume;

/** What may become of a setting when a run is resumed. */
public enum SettingClass {
  /**
   * What the model, its batches and its data are. Must be as it was: with another value it would be
   * another run over the same weights.
   */
  FIXED,

  /**
   * How the optimizer goes on. Recorded, and compared; a change has to be allowed by name, and
   * stays in the history of the run.
   */
  TRAJECTORY,

  /** Leaves the course of the training as it is; neither recorded nor compared. */
  FREE
}
