package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Text of tokens that come one by one. A token of bytes may end inside a character: its text is
 * held back until the character is whole. What a token adds may depend on there being text before
 * it, as with tokenizers that write a space before a word: tokens are decoded behind those that
 * gave text last. Confined to one thread.
 */
final class IncrementalText {
  private static final char REPLACEMENT = '\uFFFD';

  /** A character has at most four bytes; what is still broken then is not text. */
  private static final int MOST_HELD_BACK = 4;

  private final Tokenizer tokenizer;
  private final int[] held = new int[MOST_HELD_BACK];
  private int count;

  /** The tokens that gave text last; and that text. */
  private int[] before;

  private String beforeText;

  /**
   * A text that goes on.
   *
   * @param before tokens of the text that is continued, the last ones of which count
   */
  IncrementalText(Tokenizer tokenizer, int... before) {
    this.tokenizer = tokenizer;
    this.before = Arrays.copyOfRange(before, Math.max(0, before.length - 1), before.length);
    this.beforeText = tokenizer.decode(this.before);
  }

  /** The characters that this token completes. */
  String accept(int token) {
    held[count++] = token;
    String text = decode();
    boolean broken = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
    return broken && count < MOST_HELD_BACK ? "" : release(text);
  }

  /** What is held back still, at the end. */
  String rest() {
    return count == 0 ? "" : release(decode());
  }

  private String release(String text) {
    if (!text.isEmpty()) {
      before = Arrays.copyOf(held, count);
      beforeText = tokenizer.decode(before);
    }
    count = 0;
    return text;
  }

  /** What the held tokens add to those before them. */
  private String decode() {
    int[] ids = IntStream.concat(IntStream.of(before), IntStream.of(held).limit(count)).toArray();
    String text = tokenizer.decode(ids);
    return text.substring(Math.min(beforeText.length(), text.length()));
  }
}
