package io.shardfire.worker.tokenizer;

import java.util.stream.IntStream;

/**
 * The classes of characters that GPT-2's pre-tokenisation tells apart, as of Unicode 16, which the
 * native tokenizer library knows. Java 17 knows Unicode 13 only; what was added since stands in
 * {@link #ADDED_LETTERS} and {@link #ADDED_NUMBERS}, so that every Java version agrees with the
 * library.
 */
enum CharacterClass {
  /** White_Space. */
  SPACE,
  /** General category L. */
  LETTER,
  /** General category N. */
  NUMBER,
  /** Anything else. */
  OTHER;

  /** Pairs of first and last code point, ascending: letters added in Unicode 14, 15 and 16. */
  private static final int[] ADDED_LETTERS = {
    0x0870, 0x0887, 0x0889, 0x088E, 0x08B5, 0x08B5, 0x08C8, 0x08C9, 0x0C5D, 0x0C5D, 0x0CDD, 0x0CDD,
    0x170D, 0x170D, 0x171F, 0x171F, 0x1B4C, 0x1B4C, 0x1C89, 0x1C8A, 0x2C2F, 0x2C2F, 0x2C5F, 0x2C5F,
    0x9FFD, 0x9FFF, 0xA7C0, 0xA7C1, 0xA7CB, 0xA7CD, 0xA7D0, 0xA7D1, 0xA7D3, 0xA7D3, 0xA7D5, 0xA7DC,
    0xA7F2, 0xA7F4, 0x10570, 0x1057A, 0x1057C, 0x1058A, 0x1058C, 0x10592, 0x10594, 0x10595, 0x10597,
    0x105A1, 0x105A3, 0x105B1, 0x105B3, 0x105B9, 0x105BB, 0x105BC, 0x105C0, 0x105F3, 0x10780,
    0x10785, 0x10787, 0x107B0, 0x107B2, 0x107BA, 0x10D4A, 0x10D65, 0x10D6F, 0x10D85, 0x10EC2,
    0x10EC4, 0x10F70, 0x10F81, 0x11071, 0x11072, 0x11075, 0x11075, 0x1123F, 0x11240, 0x11380,
    0x11389, 0x1138B, 0x1138B, 0x1138E, 0x1138E, 0x11390, 0x113B5, 0x113B7, 0x113B7, 0x113D1,
    0x113D1, 0x113D3, 0x113D3, 0x11740, 0x11746, 0x11AB0, 0x11ABF, 0x11BC0, 0x11BE0, 0x11F02,
    0x11F02, 0x11F04, 0x11F10, 0x11F12, 0x11F33, 0x12F90, 0x12FF0, 0x1342F, 0x1342F, 0x13441,
    0x13446, 0x13460, 0x143FA, 0x16100, 0x1611D, 0x16A70, 0x16ABE, 0x16D40, 0x16D6C, 0x18CFF,
    0x18CFF, 0x1AFF0, 0x1AFF3, 0x1AFF5, 0x1AFFB, 0x1AFFD, 0x1AFFE, 0x1B11F, 0x1B122, 0x1B132,
    0x1B132, 0x1B155, 0x1B155, 0x1DF00, 0x1DF1E, 0x1DF25, 0x1DF2A, 0x1E030, 0x1E06D, 0x1E290,
    0x1E2AD, 0x1E4D0, 0x1E4EB, 0x1E5D0, 0x1E5ED, 0x1E5F0, 0x1E5F0, 0x1E7E0, 0x1E7E6, 0x1E7E8,
    0x1E7EB, 0x1E7ED, 0x1E7EE, 0x1E7F0, 0x1E7FE, 0x2A6DE, 0x2A6DF, 0x2B735, 0x2B739, 0x2EBF0,
    0x2EE5D, 0x31350, 0x323AF
  };

  /** Pairs of first and last code point, ascending: numbers added in Unicode 15 and 16. */
  private static final int[] ADDED_NUMBERS = {
    0x10D40, 0x10D49, 0x116D0, 0x116E3, 0x11BF0, 0x11BF9, 0x11F50, 0x11F59, 0x16130, 0x16139,
    0x16AC0, 0x16AC9, 0x16D70, 0x16D79, 0x1CCF0, 0x1CCF9, 0x1D2C0, 0x1D2D3, 0x1E4F0, 0x1E4F9,
    0x1E5F1, 0x1E5FA
  };

  /** The classes of the first plane, which most text is in. */
  private static final CharacterClass[] FIRST_PLANE =
      IntStream.range(0, 1 << 16).mapToObj(CharacterClass::find).toArray(CharacterClass[]::new);

  static CharacterClass of(int codePoint) {
    return codePoint < FIRST_PLANE.length ? FIRST_PLANE[codePoint] : find(codePoint);
  }

  private static CharacterClass find(int codePoint) {
    if (isSpace(codePoint)) {
      return SPACE;
    }
    if (Character.isLetter(codePoint)) {
      return LETTER;
    }
    return switch (Character.getType(codePoint)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          NUMBER;
      case Character.UNASSIGNED ->
          within(ADDED_LETTERS, codePoint)
              ? LETTER
              : within(ADDED_NUMBERS, codePoint) ? NUMBER : OTHER;
      default -> OTHER;
    };
  }

  /** The White_Space property; {@link Character#isWhitespace} leaves out the no-break spaces. */
  private static boolean isSpace(int c) {
    return c == ' '
        || (c >= 0x09 && c <= 0x0D)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  private static boolean within(int[] ranges, int codePoint) {
    int low = 0;
    int high = ranges.length / 2 - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (codePoint < ranges[2 * middle]) {
        high = middle - 1;
      } else if (codePoint > ranges[2 * middle + 1]) {
        low = middle + 1;
      } else {
        return true;
      }
    }
    return false;
  }
}
