package io.shardfire.worker.generate;

/**
 * Beam search: of all continuations those whose log-probabilities have the largest sum, divided by
 * the number of tokens to the power of the length penalty, as far as so many sequences that grow
 * side by side find them. Scores, candidates and end are transformers' (with early_stopping false):
 * as many finished continuations as beams are kept, and the search ends when the best sequence that
 * still grows is no better, for its length, than the worst of them. The repetition penalty applies
 * to log-probabilities.
 *
 * @param count beams
 * @param lengthPenalty above 0 favours long continuations, below 0 short ones
 */
public record Beams(int count, double lengthPenalty, double repetitionPenalty) implements Strategy {
  /** Checks every value. */
  public Beams {
    if (count < 1) {
      throw new IllegalArgumentException("A beam search has at least one beam: beams=" + count);
    }
    if (!Double.isFinite(lengthPenalty)) {
      throw new IllegalArgumentException(
          "The length penalty must be a finite number: lengthPenalty=" + lengthPenalty);
    }
    Strategy.requireRepetitionPenalty(repetitionPenalty);
  }
}
