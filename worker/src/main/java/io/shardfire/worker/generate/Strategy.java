package io.shardfire.worker.generate;

/** How tokens are chosen by their logits. */
public sealed interface Strategy permits Sampling, Beams {
  /** What logits of tokens that are there already are divided by, or multiplied where negative. */
  double repetitionPenalty();

  /** Checks a repetition penalty. */
  static void requireRepetitionPenalty(double penalty) {
    if (!(penalty > 0 && penalty < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "The repetition penalty must be above 0; 1 is none: repetitionPenalty=" + penalty);
    }
  }
}
