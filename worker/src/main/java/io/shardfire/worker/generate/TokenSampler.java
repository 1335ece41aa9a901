package io.shardfire.worker.generate;

import io.shardfire.worker.random.CounterRandom;

/**
 * Draws the tokens of one sequence from their logits; {@link Sampling} says how. The n-th draw
 * depends only on the seed, n, the tokens before and the logits. Where logits are equal, the
 * likeliest is the one with the smaller id. Confined to one thread.
 */
final class TokenSampler {
  private final Sampling sampling;
  private final long seed;
  private final RepetitionPenalty penalty;
  private final double[] scores;
  private final Candidates candidates;
  private long draws;

  /** A sampler of ids below {@code vocabularySize}, for a sequence that begins with a prompt. */
  TokenSampler(Sampling sampling, long seed, int vocabularySize, int... prompt) {
    this.sampling = sampling;
    this.seed = seed;
    this.penalty = RepetitionPenalty.of(sampling.repetitionPenalty());
    this.scores = new double[vocabularySize];
    this.candidates = new Candidates(vocabularySize);
    penalty.add(prompt);
  }

  /**
   * Draws an id, which becomes part of the sequence.
   *
   * @throws IllegalArgumentException when a logit is not a number
   */
  int draw(float[] logits, int offset) {
    Logits.copy(logits, offset, scores);
    penalty.apply(scores);
    int token = sampling.temperature() == 0 ? Logits.largest(scores) : sample();
    draws++;
    penalty.add(token);
    return token;
  }

  private int sample() {
    candidates.fill(sampling, scores);
    return candidates.draw(CounterRandom.uniform(seed, draws));
  }
}
