package io.shardfire.worker.generate;

/** The tokens of a prompt that are used. Immutable, but for its array. */
final class EncodedPrompt {
  private final int index;
  private final long seed;
  private final int[] tokens;

  /**
   * A prompt.
   *
   * @param index its number, from 0
   * @param tokens at least one
   */
  EncodedPrompt(int index, long seed, int... tokens) {
    this.index = index;
    this.seed = seed;
    this.tokens = tokens;
  }

  int index() {
    return index;
  }

  long seed() {
    return seed;
  }

  int[] tokens() {
    return tokens;
  }
}
