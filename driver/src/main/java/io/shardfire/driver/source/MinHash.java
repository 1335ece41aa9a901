package io.shardfire.driver.source;

import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import java.util.Locale;

/**
 * MinHash signatures (Broder, 1997) of the sets of {@value #WORDS}-word sequences in texts, in
 * {@value #BANDS} bands of {@value #ROWS} hashes. Two texts whose sets have a Jaccard similarity of
 * s have a band in common with probability 1 - (1 - s^8)^14: 5% at 0.5, 56% at 0.7, 92% at 0.8,
 * 99.96% at 0.9. Words are runs of letters and digits, in lower case; ideographs, kana and letters
 * of scripts without spaces are words by themselves. Stateless; thread-safe.
 */
final class MinHash {
  static final int BANDS = 14;
  static final int ROWS = 8;
  static final int WORDS = 5;

  private static final long FNV_PRIME = 0x100000001B3L;
  private static final long[] FACTORS = new long[BANDS * ROWS];
  private static final long[] TERMS = new long[BANDS * ROWS];

  static {
    for (int i = 0; i < FACTORS.length; i++) {
      FACTORS[i] = CounterRandom.mix(1, i) | 1;
      TERMS[i] = CounterRandom.mix(2, i);
    }
  }

  private MinHash() {}

  /** A key for each band, different between bands; empty for a text without words. */
  static long[] bands(String text) {
    long[] least = new long[BANDS * ROWS];
    Arrays.fill(least, -1);
    if (!addSequences(text.toLowerCase(Locale.ROOT), least)) {
      return new long[0];
    }
    long[] keys = new long[BANDS];
    for (int band = 0; band < BANDS; band++) {
      long key = band;
      for (int row = 0; row < ROWS; row++) {
        key = CounterRandom.mix(key, least[band * ROWS + row]);
      }
      keys[band] = key;
    }
    return keys;
  }

  /** Whether there is a word. All words make one sequence where there are fewer than five. */
  private static boolean addSequences(String text, long[] least) {
    long[] window = new long[WORDS];
    int words = 0;
    for (int at = 0; at < text.length(); ) {
      int end = wordEnd(text, at);
      if (end == at) {
        at += Character.charCount(text.codePointAt(at));
        continue;
      }
      System.arraycopy(window, 1, window, 0, WORDS - 1);
      window[WORDS - 1] = hash(text, at, end);
      at = end;
      words++;
      if (words >= WORDS) {
        add(window, least);
      }
    }
    if (words > 0 && words < WORDS) {
      add(window, least);
    }
    return words > 0;
  }

  /** Where the word that begins here ends; the same place if none does. */
  private static int wordEnd(String text, int start) {
    int at = start;
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      if (standsAlone(codePoint)) {
        return at == start ? at + Character.charCount(codePoint) : at;
      }
      if (!Character.isLetterOrDigit(codePoint)) {
        return at;
      }
      at += Character.charCount(codePoint);
    }
    return at;
  }

  private static boolean standsAlone(int codePoint) {
    return codePoint >= 0x0E00
        && switch (Character.UnicodeScript.of(codePoint)) {
          case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR, TIBETAN -> true;
          default -> false;
        };
  }

  private static long hash(String text, int start, int end) {
    long hash = 0;
    for (int at = start; at < end; at++) {
      hash = (hash ^ text.charAt(at)) * FNV_PRIME;
    }
    return CounterRandom.mix(hash);
  }

  private static void add(long[] window, long[] least) {
    long sequence = 0;
    for (long word : window) {
      sequence = CounterRandom.mix(sequence ^ word);
    }
    for (int i = 0; i < least.length; i++) {
      long hash = sequence * FACTORS[i] + TERMS[i];
      if (Long.compareUnsigned(hash, least[i]) < 0) {
        least[i] = hash;
      }
    }
  }
}
