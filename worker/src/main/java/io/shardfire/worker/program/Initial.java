package io.shardfire.worker.program;

import java.util.List;

/** Initial values of a parameter. */
public sealed interface Initial {
  /** Normal with mean 0. */
  record Normal(double deviation) implements Initial {}

  /** All alike. */
  record Constant(float value) implements Initial {}

  /** Equal parts one after another, in each all alike. */
  record Parts(List<Float> values) implements Initial {
    /** Copies. */
    public Parts {
      values = List.copyOf(values);
    }
  }
}
