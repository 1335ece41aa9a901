package io.shardfire.worker.data;

/** What the documents of a corpus are. */
public enum CorpusContent {
  /** Texts. */
  TEXT,
  /** Sources and targets in turn. */
  PAIRS
}
