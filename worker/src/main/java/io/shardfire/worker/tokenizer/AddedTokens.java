package io.shardfire.worker.tokenizer;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The special tokens that a new tokenizer has besides those of its text, in the order of their ids.
 */
public enum AddedTokens {
  /** {@code <|endoftext|>} (Radford et al., 2019): for predicting the next token. */
  GPT2,
  /** Begin, separator, mask and padding (Devlin et al., 2019): for predicting hidden tokens. */
  BERT,
  /** Padding, end and a hundred sentinels (Raffel et al., 2020): for encoders with decoders. */
  T5;

  private static final int SENTINELS = 100;

  /** The tokens; their ids are those behind the text's. */
  public List<String> tokens() {
    return switch (this) {
      case GPT2 -> List.of(TokenizerJson.END_OF_TEXT);
      case BERT -> List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
      case T5 ->
          Stream.concat(
                  Stream.of("<pad>", "</s>"),
                  IntStream.range(0, SENTINELS).mapToObj(AddedTokens::sentinel))
              .toList();
    };
  }

  /** The token that stands for a span, counted from 0. */
  public static String sentinel(int span) {
    return "<extra_id_" + span + ">";
  }
}
