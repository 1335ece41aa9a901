package io.shardfire.worker.train;

import java.util.Locale;

/** What a rank needs memory for, in the order of allocation. */
enum MemoryRole {
  PARAMETERS,
  GRADIENTS,
  FIRST_MOMENT,
  SECOND_MOMENT,
  ACTIVATIONS,
  GRADIENT_STACK;

  /** As errors name the arenas: {@code first moment}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
