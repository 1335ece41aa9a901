package io.shardfire.driver.baseline;

/**
 * How a hidden Markov model is estimated.
 *
 * @param states hidden states
 * @param iterations passes over the training split
 * @param sequenceLength tokens of the sequences that the training split is cut into
 * @param smoothing added to each expected count
 * @param seed of the probabilities to begin with
 */
public record HmmConfiguration(
    int states, int iterations, int sequenceLength, double smoothing, long seed) {
  private static final int MOST_STATES = 1024;

  /** Checks every value. */
  public HmmConfiguration {
    require(states >= 1 && states <= MOST_STATES, "states", states, "set it from 1 to 1024");
    require(iterations >= 1, "iterations", iterations, "set it to 1 or more");
    require(
        sequenceLength >= 2 && sequenceLength <= 1 << 16,
        "sequenceLength",
        sequenceLength,
        "set it from 2 to 65536 tokens");
    require(
        smoothing > 0 && Double.isFinite(smoothing),
        "smoothing",
        smoothing,
        "set it above 0, for example 0.01");
  }

  private static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Setting of the hidden Markov model out of range; " + remedy + ": " + name + "=" + value);
    }
  }
}
