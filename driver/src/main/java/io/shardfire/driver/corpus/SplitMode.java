package io.shardfire.driver.corpus;

/** How the validation split is chosen. */
public enum SplitMode {
  /**
   * By a seeded hash of the document's text: the same document always lands on the same side,
   * however the files are named, ordered or cut, and duplicates never straddle the splits.
   */
  HASHED,
  /**
   * The last part of the whole text, cut at a code point: train is the first {@code floor(n * (1 -
   * fraction))} of the corpus' n code points, separators included.
   */
  CONTIGUOUS
}
