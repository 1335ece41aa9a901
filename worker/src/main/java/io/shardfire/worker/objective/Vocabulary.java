package io.shardfire.worker.objective;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The special tokens of a corpus by what they are for. Immutable and thread-safe.
 *
 * @param special ids by the text of the token
 */
public record Vocabulary(Map<String, Integer> special) {
  private static final List<String> MASKS = List.of("[MASK]", "<mask>");

  /** Copies. */
  public Vocabulary {
    special = Map.copyOf(special);
  }

  /**
   * Those of a tokenizer.json text.
   *
   * @throws IllegalArgumentException naming what is wrong with the text
   */
  public static Vocabulary of(String tokenizerJson) {
    return new Vocabulary(TokenizerJson.specialTokens(tokenizerJson));
  }

  /** Whether there is a token that stands for what is hidden. */
  public boolean hasMask() {
    return MASKS.stream().anyMatch(special::containsKey);
  }

  /**
   * Stands for what is hidden.
   *
   * @throws DataException when there is none
   */
  public int mask() {
    return required("masked", "bert", MASKS.toArray(String[]::new));
  }

  /**
   * Begins a sequence.
   *
   * @throws DataException when there is none
   */
  public int begin() {
    return required("masked", "bert", "[CLS]", "<s>");
  }

  /**
   * Ends a sentence.
   *
   * @throws DataException when there is none
   */
  public int separator() {
    return required("masked", "bert", "[SEP]", "</s>");
  }

  /** Fills the rest of a sequence, and begins what a decoder writes. */
  int padding(String objective) {
    return required(objective, objective.equals("masked") ? "bert" : "t5", "<pad>", "[PAD]");
  }

  /** Ends a source or a target. */
  int end(String objective) {
    return required(objective, "t5", "</s>", TokenizerJson.END_OF_TEXT, "[SEP]");
  }

  /** Padding where nothing depends on it. */
  int paddingOrFirst() {
    return special.getOrDefault("<pad>", special.getOrDefault("[PAD]", 0));
  }

  /** Stand for spans, in their order. */
  int[] sentinels(int count) {
    return IntStream.range(0, count)
        .map(span -> required("span-corruption", "t5", AddedTokens.sentinel(span)))
        .toArray();
  }

  private int required(String objective, String set, String... names) {
    for (String name : names) {
      Integer id = special.get(name);
      if (id != null) {
        return id;
      }
    }
    throw new DataException(
        "The corpus's vocabulary lacks a special token that training.objective="
            + objective
            + " needs; prepare the corpus with --added-tokens "
            + set
            + ", or with a tokenizer that has it: token="
            + String.join(" or ", List.of(names)));
  }
}
