package io.shardfire.jobs.configuration;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what was probably meant by a misspelt key. */
final class NearestKey {
  private NearestKey() {}

  /**
   * The candidate path nearest to {@code path}: one with the same last part wins over one that is
   * merely spelt alike. Empty when nothing is near.
   */
  static Optional<String> of(String path, Collection<String> candidates) {
    String key = lastPart(path);
    int limit = Math.max(1, key.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(key, lastPart(candidate)) <= limit)
        .min(
            Comparator.<String>comparingInt(candidate -> distance(key, lastPart(candidate)))
                .thenComparingInt(candidate -> distance(path, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /**
   * Edits between two words, where inserting, deleting, replacing a letter or swapping two
   * neighbours counts one, and case, {@code _} and {@code -} count nothing (optimal string
   * alignment).
   */
  static int distance(String first, String second) {
    String a = plain(first);
    String b = plain(second);
    int[] before = new int[b.length() + 1];
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, before[j - 2] + 1);
        }
        current[j] = best;
      }
      int[] free = before;
      before = previous;
      previous = current;
      current = free;
    }
    return previous[b.length()];
  }

  private static String plain(String word) {
    return word.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
  }
}
