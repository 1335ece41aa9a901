package io.shardfire.worker.generate;

/** The tokens of a prompt that are used. Immutable, but for its arrays. */
final class EncodedPrompt {
  private final int index;
  private final long seed;
  private final int[] source;
  private final int[] tokens;

  private EncodedPrompt(int index, long seed, int[] source, int... tokens) {
    this.index = index;
    this.seed = seed;
    this.source = source;
    this.tokens = tokens;
  }

  /**
   * A prompt that is continued.
   *
   * @param index its number, from 0
   * @param tokens at least one
   */
  static EncodedPrompt continued(int index, long seed, int... tokens) {
    return new EncodedPrompt(index, seed, new int[0], tokens);
  }

  /**
   * A prompt that an encoder reads.
   *
   * @param index its number, from 0
   * @param start what the decoder begins with
   * @param source at least one
   */
  static EncodedPrompt encoded(int index, long seed, int start, int... source) {
    return new EncodedPrompt(index, seed, source, start);
  }

  int index() {
    return index;
  }

  long seed() {
    return seed;
  }

  /** What the sequence begins with. */
  int[] tokens() {
    return tokens;
  }

  /** How many tokens the prompt's text has. */
  int length() {
    return source.length > 0 ? source.length : tokens.length;
  }

  /** Gives a slot the source, where there is one. */
  void encode(DecodingSession session, int slot) {
    if (source.length > 0) {
      session.encode(slot, source);
    }
  }
}
