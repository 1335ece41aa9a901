package io.shardfire.worker.objective;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.random.CounterRandom;

/**
 * Which tokens each training sequence consists of: a pure function of the seed and the sequence's
 * number in the run, so that any rank computes its own and resuming needs only the step.
 *
 * <p>An epoch cuts the split into windows of context + 1 tokens that do not overlap, starting at an
 * offset of its own so that the cuts fall elsewhere each time, and visits every window once, in an
 * order of its own. Stateless; thread-safe.
 */
record SampleOrder(long tokens, int context, long seed) {

  /**
   * Checks that there is a window.
   *
   * @throws DataException when the split is shorter than one window
   */
  SampleOrder {
    if (tokens < context + 1L) {
      throw new DataException(
          "The training split is shorter than one sequence; prepare more text or lower"
              + " model.context: trainTokens="
              + tokens
              + ", context="
              + context);
    }
  }

  /** Windows of every epoch: as many as fit behind the largest offset. */
  long windows() {
    return Math.max(1, (tokens - context) / (context + 1L));
  }

  /** The epoch of a sequence, from 0. */
  long epoch(long sequence) {
    return sequence / windows();
  }

  /** Position of a sequence's first token in the split. */
  long position(long sequence) {
    long epochKey = CounterRandom.mix(seed, epoch(sequence));
    long slack = Math.min(context, tokens - windows() * (context + 1L));
    long offset = Long.remainderUnsigned(CounterRandom.mix(epochKey, 0), slack + 1);
    KeyedPermutation order = new KeyedPermutation(CounterRandom.mix(epochKey, 1), windows());
    return offset + order.apply(sequence % windows()) * (context + 1L);
  }
}
