package io.shardfire.driver.source;

/**
 * Which documents count as the same. Of those that do, the one of the source that is named first
 * stays, and within a source the one whose text has the smallest SHA-256.
 */
public enum Deduplication {
  /** None. */
  NONE,
  /** Those with the same text, in Unicode's form NFC and with every run of blanks as one space. */
  EXACT,
  /** Those too whose words make nearly the same sequences of five: see {@link MinHash}. */
  NEAR
}
