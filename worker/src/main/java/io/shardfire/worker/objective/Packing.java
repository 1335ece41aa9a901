package io.shardfire.worker.objective;

/** How documents become the sequences of a batch. */
public enum Packing {
  /** What suits the objective. */
  AUTO,
  /** All documents as one stream of tokens, cut anywhere; tokens see across documents. */
  STREAM,
  /** The same stream; each token sees and predicts its own document only. */
  PACKED,
  /** One document, or one pair, for each sequence; what is left of the sequence counts nothing. */
  PADDED
}
