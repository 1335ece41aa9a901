package io.shardfire.worker.tokenizer;

import java.util.List;

/**
 * What a special token is for. Which token has a role is said by the key of tokenizer_config.json
 * or special_tokens_map.json; where none of them says so, by the name that published vocabularies
 * give it.
 */
public enum TokenRole {
  /** Begins what an encoder reads. */
  CLASS("cls_token"),
  /** Ends a sentence that an encoder reads. */
  SEPARATOR("sep_token"),
  /** Stands for what is hidden. */
  MASK("mask_token"),
  /** Fills the rest of a sequence, and begins what a decoder writes. */
  PADDING("pad_token"),
  /** Ends a document. */
  END("eos_token"),
  /** Stands for what the vocabulary cannot express. */
  UNKNOWN("unk_token");

  private final String key;

  TokenRole(String key) {
    this.key = key;
  }

  /** Under which the files name the token. */
  String key() {
    return key;
  }

  /** The names in use, the first one first. */
  public List<String> names() {
    return switch (this) {
      case CLASS -> List.of("[CLS]", "<cls>", "<s>");
      case SEPARATOR -> List.of("[SEP]", "<sep>", "</s>");
      case MASK -> List.of("[MASK]", "<mask>");
      case PADDING -> List.of("<pad>", "[PAD]");
      case END ->
          List.of(TokenizerJson.END_OF_TEXT, "</s>", "<|end_of_text|>", "<eos>", "[SEP]", "<sep>");
      case UNKNOWN -> List.of("<unk>", "[UNK]");
    };
  }
}
