package io.shardfire.worker.train;

import java.util.Locale;

/** What a rank needs memory for, in the order of allocation. */
enum MemoryRole {
  PARAMETERS,
  MASTER_WEIGHTS,
  GRADIENTS,
  MOMENTS,
  ACTIVATIONS,
  GRADIENT_STACK;

  /** As errors name the arenas: {@code gradient stack}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
