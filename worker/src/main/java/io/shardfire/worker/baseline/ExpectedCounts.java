package io.shardfire.worker.baseline;

import java.io.Serializable;

/**
 * How often each start, transition and emission of a hidden Markov model is expected to have
 * happened, given what was observed: S states, V tokens. Not thread-safe.
 */
public final class ExpectedCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  /** [S]. */
  final double[] start;

  /** [S, S], still to be multiplied by the transition probabilities. */
  final double[] transition;

  /** [V, S]. */
  final double[] emission;

  private double logLikelihood;
  private long tokens;

  ExpectedCounts(int states, int vocabularySize) {
    start = new double[states];
    transition = new double[Math.multiplyExact(states, states)];
    emission = new double[Math.multiplyExact(vocabularySize, states)];
  }

  void observed(double nats, int length) {
    logLikelihood += nats;
    tokens += length;
  }

  /** Adds others of the same model. */
  public void add(ExpectedCounts other) {
    add(start, other.start);
    add(transition, other.transition);
    add(emission, other.emission);
    observed(other.logLikelihood, 0);
    tokens += other.tokens;
  }

  private static void add(double[] to, double[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from[i];
    }
  }

  /** Mean negative log likelihood of what was observed, in nats per token. */
  public double loss() {
    return -logLikelihood / (double) tokens;
  }
}
