package io.shardfire.worker.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** One id for each code point; the same ids as the library's, without native code. */
final class CharacterTokenizer extends DocumentTokenizer {
  private final Map<Integer, Integer> idOfCodePoint = new HashMap<>();

  CharacterTokenizer(TokenizerDocument document, String json) {
    super(document, json);
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
    OptionalInt endOfText = special == SpecialTokens.PARSE ? endOfText() : OptionalInt.empty();
    int[] ids = new int[text.length()];
    int count = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      if (codePoint == TokenizerJson.END_OF_TEXT.charAt(0)
          && endOfText.isPresent()
          && text.startsWith(TokenizerJson.END_OF_TEXT, i)) {
        ids[count++] = endOfText.getAsInt();
        i += TokenizerJson.END_OF_TEXT.length();
        continue;
      }
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
  byte[] utf8(String token) {
    return token.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {}
}
