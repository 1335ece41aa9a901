package io.shardfire.worker.generate;

import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;

/**
 * Draws tokens from logits: scaled by temperature, cut to the k most likely, then to the fewest
 * whose probabilities reach p (nucleus sampling; Holtzman et al., 2020). The n-th draw depends only
 * on the seed, n and the logits. Ties go to the smaller id. Confined to one thread.
 */
final class TokenSampler {
  private final Sampling sampling;
  private final long[] ranking;
  private final double[] probabilities;
  private long draws;

  TokenSampler(Sampling sampling, int vocabularySize) {
    this.sampling = sampling;
    this.ranking = new long[vocabularySize];
    this.probabilities = new double[vocabularySize];
  }

  /**
   * Draws an id.
   *
   * @throws IllegalArgumentException when a logit is not a number
   */
  int draw(float[] logits, int offset) {
    rank(logits, offset);
    long draw = draws++;
    if (sampling.temperature() == 0) {
      return id(0);
    }
    int kept = keepMostLikely(logits, offset);
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      sum += probabilities[i];
    }
    double target = CounterRandom.uniform(sampling.seed(), draw) * sum;
    double reached = 0;
    for (int i = 0; i < kept - 1; i++) {
      reached += probabilities[i];
      if (target < reached) {
        return id(i);
      }
    }
    return id(kept - 1);
  }

  /** Sorts ids by falling logit, then rising id, as 64-bit keys. */
  private void rank(float[] logits, int offset) {
    for (int id = 0; id < ranking.length; id++) {
      float logit = logits[offset + id];
      if (Float.isNaN(logit)) {
        throw new IllegalArgumentException(
            "The model computed a logit that is not a number; its weights are damaged: id=" + id);
      }
      int bits = Float.floatToIntBits(logit + 0f);
      int rising = bits ^ (bits >> 31 & Integer.MAX_VALUE);
      ranking[id] = (long) ~rising << Integer.SIZE | id;
    }
    Arrays.sort(ranking);
  }

  private int id(int rank) {
    return (int) ranking[rank];
  }

  /** Fills the unnormalised probabilities of the ids kept and returns how many. */
  private int keepMostLikely(float[] logits, int offset) {
    int kept = sampling.topK() == 0 ? ranking.length : Math.min(sampling.topK(), ranking.length);
    double largest = logits[offset + id(0)];
    double sum = 0;
    for (int i = 0; i < kept; i++) {
      double scaled = (logits[offset + id(i)] - largest) / sampling.temperature();
      probabilities[i] = StrictMath.exp(scaled);
      sum += probabilities[i];
    }
    if (sampling.topP() == 1) {
      return kept;
    }
    double reached = 0;
    for (int i = 0; i < kept; i++) {
      reached += probabilities[i];
      if (reached >= sampling.topP() * sum) {
        return i + 1;
      }
    }
    return kept;
  }
}
