package io.shardfire.sharding.collective;

/** What a collective is for; part of its key. */
public enum Phase {
  GRADIENT_REDUCE,
  PARAMETER_GATHER,
  NORM,
  LOSS,
  EVALUATION,
  CHECKPOINT,
  CONTROL
}
