package io.shardfire.worker.tokenizer;

import java.util.List;

/**
 * What a special token is for. Which token has a role is said by the key of tokenizer_config.json
 * or special_tokens_map.json; where none of them says so, by the name that published vocabularies
 * give it.
 */
public enum TokenRole {
  /** Begins what an encoder reads. */
  CLASS("cls_token", "[CLS]", "<cls>", "<s>"),
  /** Ends a sentence that an encoder reads. */
  SEPARATOR("sep_token", "[SEP]", "<sep>", "</s>"),
  /** Stands for what is hidden. */
  MASK("mask_token", "[MASK]", "<mask>"),
  /** Fills the rest of a sequence, and begins what a decoder writes. */
  PADDING("pad_token", "<pad>", "[PAD]"),
  /** Ends a document. */
  END("eos_token", TokenizerJson.END_OF_TEXT, "</s>", "<|end_of_text|>", "<eos>", "[SEP]", "<sep>"),
  /** Stands for what the vocabulary cannot express. */
  UNKNOWN("unk_token", "<unk>", "[UNK]");

  private final String key;
  private final List<String> names;

  TokenRole(String key, String... names) {
    this.key = key;
    this.names = List.of(names);
  }

  /** Under which the files name the token. */
  String key() {
    return key;
  }

  /** The names in use, the first one first. */
  public List<String> names() {
    return names;
  }
}
