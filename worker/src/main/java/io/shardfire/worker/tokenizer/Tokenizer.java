package io.shardfire.worker.tokenizer;

import java.util.OptionalInt;

/** Text to token ids and back, from a Hugging Face {@code tokenizer.json}. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
  /** Reads a tokenizer.json text. @throws IllegalArgumentException naming what is wrong */
  static Tokenizer fromJson(String json) {
    throw new UnsupportedOperationException("skeleton");
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

  /** The id that ends a document. */
  OptionalInt endOfText();

  /**
   * No limit on length. @throws IllegalArgumentException naming characters the vocabulary lacks,
   * and where
   */
  int[] encode(String text);

  /** The inverse of encode; special tokens are left out. */
  String decode(int[] ids);

  @Override
  void close();
}
