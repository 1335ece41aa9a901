package io.shardfire.worker.tokenizer;

import java.util.OptionalInt;

/**
 * Text to token ids and back, from a Hugging Face {@code tokenizer.json} of any model. Thread-safe,
 * until closed.
 *
 * <p>Decoding gives back what was encoded where the file's own normaliser and model leave the text
 * as it is: byte-level and byte-fallback BPE do, and single characters; a WordPiece tokenizer that
 * lower-cases, or one that writes what it does not know as one unknown token, does not.
 *
 * <p>What a special token's own text means inside a text is for the caller to say, by {@link
 * SpecialTokens}.
 */
public interface Tokenizer extends AutoCloseable {
  /** Reads a tokenizer.json text. @throws IllegalArgumentException naming what is wrong */
  static Tokenizer fromJson(String json) {
    return of(TokenizerFiles.of(json));
  }

  /** Reads a tokenizer's files. @throws IllegalArgumentException naming what is wrong */
  static Tokenizer of(TokenizerFiles files) {
    TokenizerDocument document = TokenizerDocument.parse(files.json());
    return document.kind() == TokenizerDocument.Kind.CHARACTERS
        ? new CharacterTokenizer(document, files)
        : new LibraryTokenizer(document, files);
  }

  /** What it was read from. */
  TokenizerFiles files();

  /** The tokenizer.json text. */
  default String json() {
    return files().json();
  }

  /** Ids are 0 to vocabularySize()-1. */
  int vocabularySize();

  /**
   * SHA-256 (hex) over the canonical vocabulary and merges: what token shards and checkpoints are
   * matched by.
   */
  String vocabularyHash();

  /** The id that ends a document: {@link TokenRole#END}. */
  OptionalInt endOfText();

  /**
   * The id that begins a document: what tokenizer.json's post-processor puts before a text, such as
   * Llama's {@code <s>}. None where there is a mask: what begins a sequence for an encoder belongs
   * to the sequence, whatever part of a document that shows.
   */
  OptionalInt beginOfText();

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
   * The text of tokens; special ones are left out. Bytes that are not UTF-8, as at the end of a
   * text cut between tokens, become U+FFFD. @throws IllegalArgumentException for unknown ids
   */
  String decode(int[] ids);

  /**
   * The bytes of UTF-8 that a token adds to a decoded text, maybe only a part of a character; none
   * for a special token. A space before a word counts with the word, also at the beginning of a
   * text, where decoding may leave it out. @throws IllegalArgumentException for an unknown id
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
