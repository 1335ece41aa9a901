package io.shardfire.worker.tokenizer;

import java.util.Locale;

/** How characters are named in messages. */
final class Characters {
  private Characters() {}

  /** The code point with its glyph, when it has one: {@code U+00E9 'é'}. */
  static String describe(int codePoint) {
    String number = String.format(Locale.ROOT, "U+%04X", codePoint);
    boolean visible =
        Character.isValidCodePoint(codePoint)
            && !Character.isISOControl(codePoint)
            && Character.getType(codePoint) != Character.SURROGATE
            && Character.getType(codePoint) != Character.FORMAT;
    return visible ? number + " '" + Character.toString(codePoint) + "'" : number;
  }

  /** Rejects text that has no UTF-8 form. */
  static void checkPaired(String text) {
    int at = firstUnpaired(text);
    if (at >= 0) {
      throw unpairedSurrogate(text, null);
    }
  }

  /** The error for text that has no UTF-8 form. */
  static IllegalArgumentException unpairedSurrogate(String text, Throwable cause) {
    int at = firstUnpaired(text);
    return new IllegalArgumentException(
        "Text holds an unpaired surrogate, which no Unicode encoding can express: character="
            + describe(text.charAt(at))
            + ", position="
            + at
            + "; read the text with its real encoding",
        cause);
  }

  private static int firstUnpaired(String text) {
    int i = 0;
    while (i < text.length()) {
      int codePoint = text.codePointAt(i);
      if (Character.getType(codePoint) == Character.SURROGATE) {
        return i;
      }
      i += Character.charCount(codePoint);
    }
    return -1;
  }
}
