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
    for (int i = 0; i < text.length(); i++) {
      char first = text.charAt(i);
      if (Character.isSurrogate(first)) {
        boolean paired =
            Character.isHighSurrogate(first)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
