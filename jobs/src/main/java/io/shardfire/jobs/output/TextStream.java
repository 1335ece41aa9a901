package io.shardfire.jobs.output;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Prints tokens as text while they are drawn. A byte-level token may end inside a character: its
 * text is held back until the character is whole.
 */
public final class TextStream implements IntConsumer {
  private static final char REPLACEMENT = '\uFFFD';

  /** A character has at most four bytes; what is still broken then is not text. */
  private static final int MOST_HELD_BACK = 4;

  private final Tokenizer tokenizer;
  private final PrintWriter out;
  private final int[] held = new int[MOST_HELD_BACK];
  private int count;

  /** Prints to a stream, which is flushed after each token. */
  public TextStream(Tokenizer tokenizer, PrintWriter out) {
    this.tokenizer = tokenizer;
    this.out = out;
  }

  @Override
  public void accept(int token) {
    held[count++] = token;
    String text = tokenizer.decode(Arrays.copyOf(held, count));
    boolean broken = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
    if (!broken || count == MOST_HELD_BACK) {
      print(text);
    }
  }

  /** Prints what is held back, and ends the line. */
  public void finish() {
    if (count > 0) {
      print(tokenizer.decode(Arrays.copyOf(held, count)));
    }
    out.println();
    out.flush();
  }

  private void print(String text) {
    count = 0;
    out.print(text);
    out.flush();
  }
}
