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
  T5,
  /**
   * {@code <|endoftext|>}, and what begins and ends a message in ChatML, the form of conversations
   * that OpenAI published in 2023: for predicting the next token.
   */
  CHAT;

  /** Begins a message, before the name of its role. */
  public static final String MESSAGE_START = "<|im_start|>";

  /** Ends a message. */
  public static final String MESSAGE_END = "<|im_end|>";

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
      case CHAT -> List.of(TokenizerJson.END_OF_TEXT, MESSAGE_START, MESSAGE_END);
    };
  }

  /** The token that stands for a span, counted from 0. */
  public static String sentinel(int span) {
    return "<extra_id_" + span + ">";
  }
}
