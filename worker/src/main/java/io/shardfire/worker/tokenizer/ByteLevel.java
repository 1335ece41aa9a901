package io.shardfire.worker.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The byte-to-letter table of byte-level BPE (Radford et al., 2019, "Language Models are
 * Unsupervised Multitask Learners"): each of the 256 byte values is written as one visible
 * character, so that vocabularies and merges are plain text without spaces or control characters.
 *
 * <pre>
 *   bytes 0x21-0x7E, 0xA1-0xAC, 0xAE-0xFF      the character of the same number
 *   the other 68, in ascending order           U+0100, U+0101, ... U+0143   (the space is U+0120, 'Ġ')
 * </pre>
 */
public final class ByteLevel {
  /** Byte values, and so letters. */
  public static final int LETTERS = 256;

  private static final int LAST_LETTER = 0x143;
  private static final char[] LETTER_OF_BYTE = lettersOfBytes();
  private static final short[] BYTE_OF_LETTER = bytesOfLetters();

  private ByteLevel() {}

  /** The letter of one byte. */
  public static char letter(byte value) {
    return LETTER_OF_BYTE[value & 0xFF];
  }

  /**
   * The byte of one letter.
   *
   * @throws IllegalArgumentException when the character is not in the table
   */
  public static byte value(char letter) {
    if (letter > LAST_LETTER || BYTE_OF_LETTER[letter] < 0) {
      throw new IllegalArgumentException(
          "Not a letter of byte-level BPE: character=" + Characters.describe(letter));
    }
    return (byte) BYTE_OF_LETTER[letter];
  }

  /** The 256 letters in ascending order, which are ids 0 to 255 of GPT-2's vocabulary. */
  public static List<String> alphabet() {
    char[] letters = LETTER_OF_BYTE.clone();
    Arrays.sort(letters);
    return IntStream.range(0, LETTERS).mapToObj(i -> String.valueOf(letters[i])).toList();
  }

  /**
   * The text's UTF-8 bytes as letters.
   *
   * @throws IllegalArgumentException when the text holds an unpaired surrogate, which has no UTF-8
   *     form
   */
  public static String encode(String text) {
    byte[] bytes = utf8(text);
    char[] letters = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      letters[i] = letter(bytes[i]);
    }
    return new String(letters);
  }

  /**
   * The text whose UTF-8 bytes the letters stand for; bytes that are no UTF-8 become U+FFFD.
   *
   * @throws IllegalArgumentException when a character is not in the table
   */
  public static String decode(String letters) {
    byte[] bytes = new byte[letters.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = value(letters.charAt(i));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * The bytes that a token's letters stand for; one with other characters was added to its
   * vocabulary as plain text.
   */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char letter = token.charAt(i);
      if (letter > LAST_LETTER || BYTE_OF_LETTER[letter] < 0) {
        return utf8(token);
      }
      bytes[i] = (byte) BYTE_OF_LETTER[letter];
    }
    return bytes;
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer encoded =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw Characters.unpairedSurrogate(text, e);
    }
  }

  private static char[] lettersOfBytes() {
    char[] letters = new char[LETTERS];
    char next = 0x100;
    for (int value = 0; value < LETTERS; value++) {
      letters[value] = isVisible(value) ? (char) value : next++;
    }
    return letters;
  }

  private static boolean isVisible(int value) {
    return (value >= 0x21 && value <= 0x7E)
        || (value >= 0xA1 && value <= 0xAC)
        || (value >= 0xAE && value <= 0xFF);
  }

  private static short[] bytesOfLetters() {
    short[] values = new short[LAST_LETTER + 1];
    Arrays.fill(values, (short) -1);
    for (int value = 0; value < LETTERS; value++) {
      values[LETTER_OF_BYTE[value]] = (short) value;
    }
    return values;
  }
}
