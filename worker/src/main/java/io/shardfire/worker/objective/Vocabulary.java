package io.shardfire.worker.objective;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialIds;
import io.shardfire.worker.tokenizer.TokenRole;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The special tokens of a corpus by what they are for. Immutable and thread-safe.
 *
 * @param ids of the special tokens
 */
public record Vocabulary(SpecialIds ids) {
  /**
   * Those of a tokenizer.
   *
   * @throws IllegalArgumentException naming what is wrong with a file
   */
  public static Vocabulary of(TokenizerFiles tokenizer) {
    return new Vocabulary(tokenizer.specialIds());
  }

  /** Ids of all special tokens by their texts. */
  public Map<String, Integer> special() {
    return ids.byText();
  }

  /** Whether there is a token that stands for what is hidden. */
  public boolean hasMask() {
    return ids.of(TokenRole.MASK).isPresent();
  }

  /** Whether there are tokens to begin and to end what an encoder reads. */
  public boolean hasSequenceEnds() {
    return ids.of(TokenRole.CLASS).isPresent() && ids.of(TokenRole.SEPARATOR).isPresent();
  }

  /**
   * Stands for what is hidden.
   *
   * @throws DataException when there is none
   */
  public int mask() {
    return required("masked", "bert", TokenRole.MASK);
  }

  /**
   * Begins a sequence.
   *
   * @throws DataException when there is none
   */
  public int begin() {
    return required("masked", "bert", TokenRole.CLASS);
  }

  /**
   * Ends a sentence.
   *
   * @throws DataException when there is none
   */
  public int separator() {
    return required("masked", "bert", TokenRole.SEPARATOR);
  }

  /** Fills the rest of a sequence, and begins what a decoder writes. */
  int padding(String objective) {
    return required(objective, objective.equals("masked") ? "bert" : "t5", TokenRole.PADDING);
  }

  /** Ends a source or a target. */
  int end(String objective) {
    return required(objective, "t5", TokenRole.END);
  }

  /** Padding where nothing depends on it. */
  int paddingOrFirst() {
    return ids.of(TokenRole.PADDING).orElse(0);
  }

  /** Stand for spans, in their order. */
  int[] sentinels(int count) {
    return IntStream.range(0, count).map(this::sentinel).toArray();
  }

  private int sentinel(int span) {
    String name = AddedTokens.sentinel(span);
    Integer id = special().get(name);
    if (id == null) {
      throw lacks("span-corruption", "t5", List.of(name));
    }
    return id;
  }

  private int required(String objective, String set, TokenRole role) {
    OptionalInt id = ids.of(role);
    if (id.isEmpty()) {
      throw lacks(objective, set, role.names());
    }
    return id.getAsInt();
  }

  private static DataException lacks(String objective, String set, List<String> names) {
    return new DataException(
        "The corpus's vocabulary lacks a special token that training.objective="
            + objective
            + " needs; prepare the corpus with --added-tokens "
            + set
            + ", or with a tokenizer that has it: token="
            + String.join(" or ", names));
  }
}
