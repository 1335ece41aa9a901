package io.shardfire.driver.corpus;

/** Which tokenizer is made from the corpus. */
public enum TokenizerKind {
  /** One token per code point that occurs in the corpus. */
  CHAR,
  /** Byte-level byte pair encoding with GPT-2's pre-tokenization, learned from the corpus. */
  BPE
}
