package io.shardfire.worker.tokenizer;

/** What a text means that spells a special token, such as {@code <|endoftext|>}. */
public enum SpecialTokens {
  /** The characters themselves: nobody who writes a text can end a document inside it. */
  TEXT,
  /** The token, as Hugging Face libraries read it: for text that was marked up on purpose. */
  PARSE
}
