package io.shardfire.worker.program;

/** Initial values of a parameter. */
public sealed interface Initial {
  /** Normal with mean 0. */
  record Normal(double deviation) implements Initial {}

  /** All alike. */
  record Constant(float value) implements Initial {}
}
