package io.shardfire.driver.corpus;

/** A 64-bit hash of text that is the same on every JVM; not for security. */
final class TextHash {
  private TextHash() {}

  /** FNV-1a over the UTF-16 units, then the finisher of SplitMix64 (Steele et al., 2014). */
  static long of(String text, long seed) {
    long hash = 0xCBF29CE484222325L ^ seed * 0x9E3779B97F4A7C15L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
    }
    hash = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
    hash = (hash ^ hash >>> 27) * 0x94D049BB133111EBL;
    return hash ^ hash >>> 31;
  }
}
