package io.shardfire.driver.corpus;

import java.util.Arrays;

/** Two neighbouring tokens: how often they stand in the corpus, and in which words. */
final class BpePair {
  final int left;
  final int right;
  long count;

  /** Whether the count rose since the pair was last offered to the queue. */
  boolean grown;

  private int[] words = new int[4];
  private int size;

  BpePair(int left, int right) {
    this.left = left;
    this.right = right;
  }

  static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  /** Notes that the pair stands (or stood) in a word. Words come in runs, so most repeats drop. */
  void in(int word) {
    if (size > 0 && words[size - 1] == word) {
      return;
    }
    if (size == words.length) {
      words = Arrays.copyOf(words, 2 * size);
    }
    words[size++] = word;
  }

  /** The words, ascending and distinct, handed over: the pair forgets them. */
  int[] takeWords() {
    int[] taken = Arrays.stream(words, 0, size).sorted().distinct().toArray();
    words = new int[4];
    size = 0;
    return taken;
  }
}
