package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * Text of tokens that come one by one. A byte-level token may end inside a character: its text is
 * held back until the character is whole. Confined to one thread.
 */
final class IncrementalText {
  private static final char REPLACEMENT = '\uFFFD';

  /** A character has at most four bytes; what is still broken then is not text. */
  private static final int MOST_HELD_BACK = 4;

  private final Tokenizer tokenizer;
  private final int[] held = new int[MOST_HELD_BACK];
  private int count;

  IncrementalText(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** The characters that this token completes. */
  String accept(int token) {
    held[count++] = token;
    String text = decode();
    boolean broken = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
    if (broken && count < MOST_HELD_BACK) {
      return "";
    }
    count = 0;
    return text;
  }

  /** What is held back still, at the end. */
  String rest() {
    String text = count == 0 ? "" : decode();
    count = 0;
    return text;
  }

  private String decode() {
    return tokenizer.decode(Arrays.copyOf(held, count));
  }
}
