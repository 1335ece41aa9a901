package io.shardfire.jobs.output;

import java.util.stream.Collectors;

/** Text on one line with everything in it visible. */
public final class VisibleText {
  private static final int PICTURES = 0x2400;
  private static final int OPEN_BOX = 0x2423;
  private static final int DELETE = 0x7F;
  private static final int PICTURE_OF_DELETE = 0x2421;

  private VisibleText() {}

  /** Blanks become ␣, and control characters their pictures, such as ␊ for the end of a line. */
  public static String of(String text) {
    return text.codePoints()
        .map(VisibleText::visible)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static int visible(int character) {
    if (character < ' ') {
      return PICTURES + character;
    }
    return switch (character) {
      case ' ' -> OPEN_BOX;
      case DELETE -> PICTURE_OF_DELETE;
      default -> character;
    };
  }
}
