package io.shardfire.worker.generate;

/**
 * Sequences that grow side by side, each in a slot, and predictions of their next tokens. What is
 * computed for a slot does not depend on the others. Confined to one thread.
 */
public interface DecodingSession {
  /** Stands for a token in slots that a step leaves alone. */
  int IDLE = -1;

  /** How many sequences there is room for. */
  int slots();

  /** Most tokens of a sequence. */
  int context();

  /** V: ids are below it. */
  int vocabularySize();

  /** Tokens that the sequence in a slot has. */
  int length(int slot);

  /**
   * Replaces the sequence in a slot by the tokens {@code from} to before {@code to}, which may be
   * none.
   *
   * @throws IllegalArgumentException when they exceed the context or the vocabulary
   */
  void fill(int slot, int[] tokens, int from, int to);

  /**
   * Gives the sequence in a slot another source, which an encoder-decoder reads beside it.
   *
   * @throws IllegalArgumentException when the model reads no source, or none so long, or a token is
   *     outside of the vocabulary
   */
  void encode(int slot, int... source);

  /** Replaces the sequence in a slot, and its source, by those of another. */
  void copy(int from, int to);

  /**
   * Appends a token to each sequence and predicts the ones after.
   *
   * @param tokens one per slot, or {@link #IDLE}
   * @throws IllegalArgumentException when a token is outside of the vocabulary, or a sequence is as
   *     long as the context
   */
  void step(int[] tokens);

  /** Where the logits of the last {@link #step} lie. */
  float[] logits();

  /** Where the V logits of a slot start. */
  int logitsOffset(int slot);
}
