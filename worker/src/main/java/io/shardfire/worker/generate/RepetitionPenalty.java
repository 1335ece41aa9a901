package io.shardfire.worker.generate;

import java.util.BitSet;

/**
 * Makes tokens that a sequence already has less likely (Keskar et al., 2019), each once however
 * often it occurs.
 */
final class RepetitionPenalty {
  private final double penalty;
  private final BitSet present;

  private RepetitionPenalty(double penalty, BitSet present) {
    this.penalty = penalty;
    this.present = present;
  }

  /** The penalty of a sequence without tokens; 1 for none. */
  static RepetitionPenalty of(double penalty) {
    return new RepetitionPenalty(penalty, new BitSet());
  }

  /** The same for a sequence that goes on from here on its own. */
  RepetitionPenalty copy() {
    return new RepetitionPenalty(penalty, (BitSet) present.clone());
  }

  /** The sequence has these tokens too. */
  void add(int... tokens) {
    if (penalty != 1) {
      for (int token : tokens) {
        present.set(token);
      }
    }
  }

  /** Divides positive scores of tokens that are present, and multiplies negative ones. */
  void apply(double[] scores) {
    for (int token = present.nextSetBit(0);
        token >= 0 && token < scores.length;
        token = present.nextSetBit(token + 1)) {
      scores[token] = scores[token] < 0 ? scores[token] * penalty : scores[token] / penalty;
    }
  }
}
