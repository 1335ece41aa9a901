package io.shardfire.worker.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One id for each code point; the same ids as the library's, without native code. */
final class CharacterTokenizer extends DocumentTokenizer {
  private final Map<Integer, Integer> idOfCodePoint = new HashMap<>();

  CharacterTokenizer(TokenizerDocument document, TokenizerFiles files) {
    super(document, files);
    document
        .tokens()
        .forEach(
            (id, token) -> {
              if (!document.special().contains(id)) {
                idOfCodePoint.put(token.codePointAt(0), id);
              }
            });
  }

  @Override
  public int[] encode(String text, SpecialTokens special) {
    List<Integer> specials = special == SpecialTokens.PARSE ? document().special() : List.of();
    int[] ids = new int[text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); ) {
      int parsed = tokenAt(text, i, specials);
      if (parsed >= 0) {
        ids[count++] = parsed;
        i += document().tokens().get(parsed).length();
        continue;
      }
      int codePoint = text.codePointAt(i);
      Integer id = idOfCodePoint.get(codePoint);
      if (id == null) {
        throw new IllegalArgumentException(
            "The vocabulary lacks a character of the text: character="
                + Characters.describe(codePoint)
                + ", position="
                + text.codePointCount(0, i)
                + ", known characters="
                + idOfCodePoint.size()
                + "; leave the character out, or prepare the corpus anew with it");
      }
      ids[count++] = id;
      i += Character.charCount(codePoint);
    }
    return Arrays.copyOf(ids, count);
  }

  /** The special token that the text spells from a position on, or -1. */
  private int tokenAt(String text, int position, List<Integer> specials) {
    for (int id : specials) {
      if (text.startsWith(document().tokens().get(id), position)) {
        return id;
      }
    }
    return -1;
  }

  @Override
  public String decode(int[] ids) {
    StringBuilder text = new StringBuilder(ids.length);
    for (int i = 0; i < ids.length; i++) {
      String token = document().token(ids, i);
      if (!document().special().contains(ids[i])) {
        text.append(token);
      }
    }
    return text.toString();
  }

  @Override
  public void close() {}
}
