package io.shardfire.worker.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * GPT-2's pre-tokenisation: cuts text into the pieces inside which byte-level BPE may merge. The
 * pieces, joined, are the text. A piece is what this expression matches next (Radford et al.,
 * 2019):
 *
 * <pre>
 *   's|'t|'re|'ve|'m|'ll|'d   an English ending
 *   | ?\p{L}+                 letters, with one space before them
 *   | ?\p{N}+                 numbers, likewise
 *   | ?[^\s\p{L}\p{N}]+       anything else that is not white space, likewise
 *   |\s+(?!\S)                white space, except the last one before a word
 *   |\s+                      white space
 * </pre>
 *
 * <p>It is written as a scanner because the classes must be those of the library's Unicode version
 * (see {@link CharacterClass}), and because a scanner takes one pass without backtracking.
 * Stateless and thread-safe.
 */
public final class PreTokenizer {
  private PreTokenizer() {}

  /** Takes the pieces of a text. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the piece that stands in the text from {@code begin} to {@code end}; never empty. */
    void accept(String text, int begin, int end);
  }

  /** The pieces in order; none is empty. */
  public static List<String> split(String text) {
    List<String> pieces = new ArrayList<>();
    split(text, (whole, begin, end) -> pieces.add(whole.substring(begin, end)));
    return pieces;
  }

  /** Hands the pieces over in order. */
  public static void split(String text, Sink sink) {
    int begin = 0;
    while (begin < text.length()) {
      int end = end(text, begin);
      sink.accept(text, begin, end);
      begin = end;
    }
  }

  private static int end(String text, int begin) {
    int ending = englishEnding(text, begin);
    if (ending > 0) {
      return begin + ending;
    }
    CharacterClass first = CharacterClass.of(text.codePointAt(begin));
    if (first != CharacterClass.SPACE) {
      return endOfRun(text, begin, first);
    }
    if (text.charAt(begin) == ' ' && begin + 1 < text.length()) {
      CharacterClass second = CharacterClass.of(text.codePointAt(begin + 1));
      if (second != CharacterClass.SPACE) {
        return endOfRun(text, begin + 1, second);
      }
    }
    int end = endOfRun(text, begin, CharacterClass.SPACE);
    // Every White_Space character is a single char, so the last one begins at end - 1.
    return end == text.length() || end - begin == 1 ? end : end - 1;
  }

  private static int endOfRun(String text, int begin, CharacterClass wanted) {
    int at = begin;
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      if (CharacterClass.of(codePoint) != wanted) {
        break;
      }
      at += Character.charCount(codePoint);
    }
    return at;
  }

  /** Length of the English ending that begins here, or 0. */
  private static int englishEnding(String text, int begin) {
    if (text.charAt(begin) != '\'' || begin + 1 == text.length()) {
      return 0;
    }
    char second = text.charAt(begin + 1);
    if (second == 's' || second == 't' || second == 'm' || second == 'd') {
      return 2;
    }
    boolean three =
        text.startsWith("re", begin + 1)
            || text.startsWith("ve", begin + 1)
            || text.startsWith("ll", begin + 1);
    return three ? 3 : 0;
  }
}
