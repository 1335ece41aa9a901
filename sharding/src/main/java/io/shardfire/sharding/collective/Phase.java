package io.shardfire.sharding.collective;

/** What a collective is for; part of its key. */
public enum Phase {
  GRADIENT_REDUCE(0),
  PARAMETER_GATHER(1),
  NORM(2),
  LOSS(3),
  EVALUATION(4),
  CHECKPOINT(5),
  CONTROL(6);

  private final int code;

  Phase(int code) {
    this.code = code;
  }

  /** The number that stands for the phase on the wire; never given to another. */
  public int code() {
    return code;
  }

  /**
   * Whether the training thread never waits in this phase: checkpoints are written and committed on
   * a thread beside it.
   */
  public boolean inBackground() {
    return this == CHECKPOINT;
  }
}
