package io.shardfire.worker.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a token adds to a text, read off the decoder of a tokenizer.json:
 *
 * <pre>
 *   ByteLevel           Ġdog      bytes of " dog"
 *   Metaspace, Replace  ▁dog      " dog"
 *   ByteFallback        &lt;0xE2&gt;    the byte
 *   WordPiece           dog       " dog", but "." and other marks that it writes without a blank
 *                       ##gy      "gy"
 *   BPEDecoder          dog&lt;/w&gt;   "dog "
 *   none                dog       " dog"
 * </pre>
 *
 * @param letters whether tokens are letters of {@link ByteLevel}
 * @param bytes whether some tokens are bytes
 * @param blank stands for a space; or empty
 * @param inner begins a token that goes on with a word, where others have a space before them; or
 *     null
 * @param wordEnd stands for a space at the end of a token; or empty
 */
record TokenSpelling(boolean letters, boolean bytes, String blank, String inner, String wordEnd) {
  private static final Pattern BYTE = Pattern.compile("<0x([0-9A-Fa-f]{2})>");

  /** Before these, the library's word-piece decoder leaves the space out. */
  private static final Set<String> MARKS =
      Set.of(".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re");

  /** Every token is its text. */
  static final TokenSpelling PLAIN = new TokenSpelling(false, false, "", null, "");

  /** Every token is bytes. */
  static final TokenSpelling LETTERS = new TokenSpelling(true, false, "", null, "");

  private static final TokenSpelling WORDS = new TokenSpelling(false, false, "", "", "");

  /** The spelling of a decoder; of an absent one, too. */
  static TokenSpelling of(JsonNode decoder) {
    return switch (decoder.path("type").asText()) {
      case "ByteLevel" -> LETTERS;
      case "WordPiece" ->
          new TokenSpelling(false, false, "", decoder.path("prefix").asText("##"), "");
      case "BPEDecoder" ->
          new TokenSpelling(false, false, "", null, decoder.path("suffix").asText("</w>"));
      case "Metaspace" ->
          new TokenSpelling(false, false, decoder.path("replacement").asText("\u2581"), null, "");
      case "Sequence" -> sequence(decoder.path("decoders"));
      case "" -> WORDS;
      default -> PLAIN;
    };
  }

  private static TokenSpelling sequence(JsonNode decoders) {
    TokenSpelling all = PLAIN;
    for (JsonNode decoder : decoders) {
      all =
          switch (decoder.path("type").asText()) {
            case "ByteFallback" ->
                new TokenSpelling(all.letters, true, all.blank, all.inner, all.wordEnd);
            case "Replace" ->
                decoder.path("content").asText().equals(" ")
                    ? new TokenSpelling(
                        all.letters,
                        all.bytes,
                        decoder.path("pattern").path("String").asText(),
                        all.inner,
                        all.wordEnd)
                    : all;
            case "Fuse", "Strip" -> all;
            default -> of(decoder);
          };
    }
    return all;
  }

  /** The bytes of UTF-8, maybe of a part of a character. */
  byte[] utf8(String token) {
    if (letters) {
      return ByteLevel.bytes(token);
    }
    Matcher matcher = BYTE.matcher(token);
    return bytes && matcher.matches()
        ? HexFormat.of().parseHex(matcher.group(1))
        : text(token).getBytes(StandardCharsets.UTF_8);
  }

  private String text(String token) {
    if (inner != null) {
      boolean joined = !inner.isEmpty() && token.startsWith(inner) && !token.equals(inner);
      return joined ? token.substring(inner.length()) : MARKS.contains(token) ? token : " " + token;
    }
    String text = blank.isEmpty() ? token : token.replace(blank, " ");
    return !wordEnd.isEmpty() && text.endsWith(wordEnd)
        ? text.substring(0, text.length() - wordEnd.length()) + " "
        : text;
  }

  /**
   * As {@link #utf8}, for a look at how words begin and end: a part of a character stands as a
   * letter.
   */
  String word(String token) {
    if (!letters && !(bytes && BYTE.matcher(token).matches())) {
      return text(token);
    }
    byte[] utf8 = utf8(token);
    for (int i = 0; i < utf8.length; i++) {
      utf8[i] = utf8[i] < 0 ? (byte) 'x' : utf8[i];
    }
    return new String(utf8, StandardCharsets.US_ASCII);
  }

  /** For people to read: parts of characters as {@code <0xE2>}, word pieces as they are. */
  String label(String token) {
    if (inner != null) {
      return token;
    }
    byte[] utf8 = utf8(token);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      return HexFormat.of().withUpperCase().withPrefix("<0x").withSuffix(">").formatHex(utf8);
    }
  }
}
