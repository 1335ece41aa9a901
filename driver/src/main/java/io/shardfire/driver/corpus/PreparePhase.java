package io.shardfire.driver.corpus;

/** The steps of a preparation, in order. */
public enum PreparePhase {
  /** Copying rows (only of sources that Spark's SQL reads). */
  READ,
  /** Taking duplicates away, mixing sources and writing their documents (only of such rows). */
  CURATE,
  /** Reading the whole corpus once: encoding, documents, sizes, characters, words. */
  SCAN,
  /** Adding up the words of the training text (only when a BPE tokenizer is learned). */
  COUNT,
  /** Learning merges on the driver (only when a BPE tokenizer is learned). */
  LEARN,
  /** Tokenizing and writing shards. */
  TOKENIZE,
  /** Naming the shards, writing the index and moving the folder into place. */
  COMMIT
}
