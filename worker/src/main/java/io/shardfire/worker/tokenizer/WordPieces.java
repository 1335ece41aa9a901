package io.shardfire.worker.tokenizer;

import java.util.Map;

/**
 * Which neighbouring tokens are parts of one word: one ends and the next begins with a letter or a
 * digit. Immutable and thread-safe.
 */
public final class WordPieces {
  private final boolean[] begins;
  private final boolean[] ends;

  private WordPieces(int vocabularySize) {
    begins = new boolean[vocabularySize];
    ends = new boolean[vocabularySize];
  }

  /**
   * The pieces of a tokenizer's vocabulary, without native code.
   *
   * @throws IllegalArgumentException naming what is wrong with the text
   */
  public static WordPieces of(String tokenizerJson) {
    TokenizerDocument document = TokenizerDocument.parse(tokenizerJson);
    WordPieces pieces = new WordPieces(document.vocabularySize());
    for (Map.Entry<Integer, String> token : document.tokens().entrySet()) {
      if (!document.special().contains(token.getKey())) {
        pieces.put(token.getKey(), document.spelling().word(token.getValue()));
      }
    }
    return pieces;
  }

  private void put(int id, String text) {
    if (!text.isEmpty()) {
      begins[id] = Character.isLetterOrDigit(text.codePointAt(0));
      ends[id] = Character.isLetterOrDigit(text.codePointBefore(text.length()));
    }
  }

  /** Whether a token goes on with the word of the token before it. */
  public boolean joined(int before, int token) {
    return ends[before] && begins[token];
  }
}
