package io.shardfire.driver.corpus;

import java.util.Locale;
import java.util.Optional;

/**
 * Encodings of two and four bytes a character, told by the first bytes of a file: by the byte order
 * mark, or by zero bytes, which stand at the same place of every character that Latin letters,
 * digits, spaces and line ends are encoded as. Without a mark much of such text is valid UTF-8.
 *
 * <pre>
 *              mark          a            zero bytes at
 *   UTF-16LE   FF FE         61 00        odd positions
 *   UTF-16BE   FE FF         00 61        even positions
 *   UTF-32LE   FF FE 00 00   61 00 00 00  2 and 3 of every four
 *   UTF-32BE   00 00 FE FF   00 00 00 61  0 and 1 of every four
 * </pre>
 *
 * @param name as iconv spells it
 * @param evidence why it is thought to be this, as {@code name=value}
 */
record ForeignEncoding(String name, String evidence) {
  /** How much of a file's start is looked at. */
  static final int SAMPLE_BYTES = 4096;

  private static final int LEAST_SAMPLE = 4;

  /** Zero bytes that are no accident in text with few Latin letters. */
  private static final int MANY_ZEROS = 16;

  /**
   * Looks at the start of a file.
   *
   * @param start its first bytes, all of them where the file is short
   */
  static Optional<ForeignEncoding> of(byte[] start) {
    return byMark(start).or(() -> byZeros(start));
  }

  private static Optional<ForeignEncoding> byMark(byte[] start) {
    if (begins(start, 0xFF, 0xFE, 0, 0)) {
      return Optional.of(new ForeignEncoding("UTF-32LE", "byteOrderMark=FFFE0000"));
    }
    if (begins(start, 0, 0, 0xFE, 0xFF)) {
      return Optional.of(new ForeignEncoding("UTF-32BE", "byteOrderMark=0000FEFF"));
    }
    if (begins(start, 0xFF, 0xFE)) {
      return Optional.of(new ForeignEncoding("UTF-16LE", "byteOrderMark=FFFE"));
    }
    if (begins(start, 0xFE, 0xFF)) {
      return Optional.of(new ForeignEncoding("UTF-16BE", "byteOrderMark=FEFF"));
    }
    return Optional.empty();
  }

  private static boolean begins(byte[] start, int... mark) {
    if (start.length < mark.length) {
      return false;
    }
    for (int i = 0; i < mark.length; i++) {
      if ((start[i] & 0xFF) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  private static Optional<ForeignEncoding> byZeros(byte[] start) {
    int[] zeros = new int[4];
    for (int i = 0; i < start.length; i++) {
      zeros[i & 3] += start[i] == 0 ? 1 : 0;
    }
    int even = zeros[0] + zeros[2];
    int odd = zeros[1] + zeros[3];
    if (start.length < LEAST_SAMPLE || even + odd == 0) {
      return Optional.empty();
    }
    int fours = start.length / 4;
    if (zeros[3] >= fours && zeros[2] > fours / 2 && zeros[0] == 0) {
      return Optional.of(byZeros("UTF-32LE", even + odd, start.length));
    }
    if (zeros[0] >= fours && zeros[1] > fours / 2 && zeros[3] == 0) {
      return Optional.of(byZeros("UTF-32BE", even + odd, start.length));
    }
    int characters = start.length / 2;
    if (areHighBytes(odd, even, characters)) {
      return Optional.of(byZeros("UTF-16LE", odd, start.length));
    }
    if (areHighBytes(even, odd, characters)) {
      return Optional.of(byZeros("UTF-16BE", even, start.length));
    }
    return Optional.empty();
  }

  /** Three quarters of Latin text are zero; other scripts have spaces and line ends at least. */
  private static boolean areHighBytes(int high, int low, int characters) {
    boolean latin = 4L * high >= 3L * characters;
    boolean other = high >= MANY_ZEROS && 64L * high >= characters;
    return low == 0 && (latin || other);
  }

  private static ForeignEncoding byZeros(String name, int zeros, int bytes) {
    return new ForeignEncoding(
        name, String.format(Locale.ROOT, "zeroBytes=%d of the first %d", zeros, bytes));
  }

  /** The refusal of a file. */
  MalformedDocumentException refuse(String file) {
    return new MalformedDocumentException(
        "Not UTF-8 but " + name,
        file,
        0,
        evidence,
        "Convert the text (iconv -f "
            + (evidence.startsWith("byteOrderMark") ? name.substring(0, "UTF-16".length()) : name)
            + " -t UTF-8 FILE > NEW_FILE) or leave the file out");
  }
}
