package io.shardfire.driver.corpus;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Decodes UTF-8 and refuses what is not. Not thread-safe. */
final class StrictUtf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);

  /**
   * @param file named in the error
   * @param offset of {@code bytes[from]} in the file
   */
  String decode(byte[] bytes, int from, int length, String file, long offset) {
    // Much faster; writes U+FFFD for what is malformed.
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : checked(bytes, from, length, file, offset);
  }

  private String checked(byte[] bytes, int from, int length, String file, long offset) {
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length);
    CharBuffer out = CharBuffer.allocate(length);
    CoderResult result = decoder.reset().decode(in, out, true);
    if (result.isError()) {
      throw malformed(in, result.length(), file, offset - from);
    }
    return out.flip().toString();
  }

  private static MalformedDocumentException malformed(
      ByteBuffer in, int length, String file, long start) {
    StringBuilder bytes = new StringBuilder("bytes=");
    for (int i = 0; i < Math.min(Math.max(length, 1), in.remaining()); i++) {
      bytes.append(String.format(Locale.ROOT, "%02X", in.get(in.position() + i)));
    }
    return new MalformedDocumentException(
        "Not UTF-8",
        file,
        start + in.position(),
        bytes.toString(),
        "Convert the file to UTF-8 (for example: iconv -f %s -t UTF-8) or leave it out"
            .formatted(probable(in, start)));
  }

  /** Text in an encoding of one byte a character has no zero bytes; UTF-16 has high ones. */
  private static String probable(ByteBuffer in, long start) {
    for (int i = 0; i < in.limit(); i++) {
      if (in.get(i) == 0) {
        return ((start + i) & 1) == 1 ? "UTF-16LE" : "UTF-16BE";
      }
    }
    return "WINDOWS-1252";
  }

  /** Whether the text has a UTF-8 form, that is, no surrogate stands alone. */
  static boolean encodable(String text) {
    try {
      StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Length of the UTF-8 form in bytes, without making it. The text has no lone surrogates. */
  static long length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair stands for two of its four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
