package io.shardfire.worker.tokenizer;

import java.util.OptionalInt;

/**
 * Text to token ids and back, from a Hugging Face {@code tokenizer.json}: byte-level BPE as
 * GPT-2's, or one id per character (both as written by {@link TokenizerJson}). Thread-safe, until
 * closed.
 *
 * <p>What a special token's own text means inside a text is for the caller to say, by {@link
 * SpecialTokens}.
 */
public interface Tokenizer extends AutoCloseable {
  /** Reads a tokenizer.json text. @throws IllegalArgumentException naming what is wrong */
  static Tokenizer fromJson(String json) {
    TokenizerDocument document = TokenizerDocument.parse(json);
    return switch (document.kind()) {
      case BYTE_LEVEL_BPE -> new BytePairTokenizer(document, json);
      case CHARACTERS -> new CharacterTokenizer(document, json);
    };
  }

  /** The tokenizer.json text. */
  String json();

  /** Ids are 0 to vocabularySize()-1. */
  int vocabularySize();

  /**
   * SHA-256 (hex) over the canonical vocabulary and merges: what token shards and checkpoints are
   * matched by.
   */
  String vocabularyHash();

  /** The id that ends a document: {@code <|endoftext|>}, else {@code </s>}, else {@code [SEP]}. */
  OptionalInt endOfText();

  /**
   * No limit on length. @throws IllegalArgumentException naming characters the vocabulary lacks,
   * and where
   */
  int[] encode(String text, SpecialTokens special);

  /** Encodes every character as itself: {@link SpecialTokens#TEXT}. */
  default int[] encode(String text) {
    return encode(text, SpecialTokens.TEXT);
  }

  /**
   * The inverse of encode; special tokens are left out. Bytes that are not UTF-8, as at the end of
   * a text cut between tokens, become U+FFFD. @throws IllegalArgumentException for unknown ids
   */
  String decode(int[] ids);

  /**
   * The bytes of UTF-8 that a token adds to a text, maybe only a part of a character; none for a
   * special token. @throws IllegalArgumentException for an unknown id
   */
  byte[] bytes(int id);

  /**
   * A token for people to read: its text, the name of a special token, bytes that are no text by
   * themselves as {@code <0xE2>}, or for an id that no token has {@code <id 7>}.
   */
  String label(int id);

  @Override
  void close();
}
