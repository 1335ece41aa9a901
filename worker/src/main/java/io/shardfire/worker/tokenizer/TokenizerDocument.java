package io.shardfire.worker.tokenizer;

import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a tokenizer.json says about ids: the parsed and checked part that does not depend on the
 * native library.
 *
 * @param kind of its model
 * @param tokens token text by id, special tokens included
 * @param scores logarithms of the probabilities of a unigram model's pieces, by id; else empty
 * @param special the ids that stand for no text, ascending
 * @param merges in order; empty but for pairs
 * @param unknown the id that stands for what the vocabulary cannot express
 * @param first what the post-processor puts before a text
 * @param spelling what tokens add to a text
 * @param piecewise whether the ids of a text are those of the pieces that {@link PreTokenizer} cuts
 *     it into, in order: nothing else looks at the text
 */
record TokenizerDocument(
    Kind kind,
    TreeMap<Integer, String> tokens,
    List<Double> scores,
    List<Integer> special,
    List<TokenizerJson.Merge> merges,
    OptionalInt unknown,
    OptionalInt first,
    TokenSpelling spelling,
    boolean piecewise) {

  /** The models of the library; the names of the first two are part of vocabulary hashes. */
  enum Kind {
    /** Merged bytes: GPT-2, Llama 3. */
    BYTE_LEVEL_BPE,
    /** One id for each character, as this project writes it. */
    CHARACTERS,
    /** Merged characters: Llama 2. */
    BPE,
    /** Words and their longest pieces: BERT. */
    WORD_PIECE,
    /** The likeliest pieces: T5. */
    UNIGRAM,
    /** Whole words. */
    WORD_LEVEL;

    boolean isPairs() {
      return this == BYTE_LEVEL_BPE || this == BPE;
    }
  }

  /**
   * Parses and checks.
   *
   * @throws IllegalArgumentException naming what is wrong with the text
   */
  static TokenizerDocument parse(String json) {
    return TokenizerReader.read(json);
  }

  /** One past the largest id. */
  int vocabularySize() {
    return tokens.lastKey() + 1;
  }

  /** The id of the first of these that is a special token. */
  OptionalInt named(List<String> names) {
    return names.stream()
        .flatMap(name -> special.stream().filter(id -> tokens.get(id).equals(name)))
        .mapToInt(Integer::intValue)
        .findFirst();
  }

  /**
   * The token of the id at a position of a sequence.
   *
   * @throws IllegalArgumentException when there is none
   */
  String token(int[] ids, int position) {
    String token = tokens.get(ids[position]);
    if (token == null) {
      throw new IllegalArgumentException(
          "No token has this id: id="
              + ids[position]
              + ", position="
              + position
              + ", vocabularySize="
              + vocabularySize());
    }
    return token;
  }
}
