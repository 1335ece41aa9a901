package io.shardfire.worker.inspect;

/**
 * How well an encoder predicts hidden tokens.
 *
 * @param sequences that were read
 * @param hidden tokens that were to be predicted
 * @param mean loss of a hidden token, in nats
 * @param correct hidden tokens that were thought the likeliest; of equals, the smallest id
 * @param mostFrequent how often the hidden token was the one that most often was
 */
public record MaskedLosses(
    long sequences, long hidden, double mean, long correct, long mostFrequent) {

  /** The exponential of the mean loss. */
  public double perplexity() {
    return StrictMath.exp(mean);
  }

  /** Share of hidden tokens that were thought the likeliest. */
  public double accuracy() {
    return (double) correct / hidden;
  }

  /** The accuracy of guessing the same token everywhere, the one that is hidden most often. */
  public double unigramAccuracy() {
    return (double) mostFrequent / hidden;
  }
}
