package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.ByteLevel;
import io.shardfire.worker.tokenizer.TokenizerJson.Merge;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.LongConsumer;

/**
 * Learns byte pair encoding merges (Sennrich et al., 2016, "Neural Machine Translation of Rare
 * Words with Subword Units") from counted words.
 *
 * <p>Each round merges the most frequent pair; among equals the one with the smallest (left, right)
 * ids wins, so that the result depends on the counts alone, not on the order of the words. Ids are
 * those of GPT-2: the 256 letters of {@link ByteLevel} first, then the products in the order of
 * learning. Where a product spells a token that exists already, the merge is kept and makes that
 * token.
 *
 * <p>Incremental: a pair knows its words, and a merge touches only the words that hold it. The
 * queue is lazy: an entry whose count is out of date is put back when it comes up. Memory: about
 * 200 bytes per distinct word. Used once, by one thread.
 */
final class BpeLearner {
  private static final int ADVANCE_EVERY = 64;

  private record Candidate(long count, int left, int right) {}

  private final List<String> vocabulary = new ArrayList<>(ByteLevel.alphabet());
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<Merge> merges = new ArrayList<>();
  private final Map<Long, BpePair> pairs = new HashMap<>();
  private final List<BpePair> grown = new ArrayList<>();
  private final PriorityQueue<Candidate> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Candidate::count)
              .reversed()
              .thenComparingInt(Candidate::left)
              .thenComparingInt(Candidate::right));
  private final int[][] words;
  private final long[] counts;

  private BpeLearner(List<WordCount> wordCounts) {
    for (int id = 0; id < vocabulary.size(); id++) {
      ids.put(vocabulary.get(id), id);
    }
    int[] idOfByte = new int[ByteLevel.LETTERS];
    for (int value = 0; value < ByteLevel.LETTERS; value++) {
      idOfByte[value] = ids.get(String.valueOf(ByteLevel.letter((byte) value)));
    }
    words = new int[wordCounts.size()][];
    counts = new long[wordCounts.size()];
    for (int word = 0; word < words.length; word++) {
      byte[] bytes = wordCounts.get(word).word().getBytes(StandardCharsets.UTF_8);
      int[] symbols = new int[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        symbols[i] = idOfByte[bytes[i] & 0xFF];
      }
      words[word] = symbols;
      counts[word] = wordCounts.get(word).count();
      for (int i = 0; i + 1 < symbols.length; i++) {
        add(symbols[i], symbols[i + 1], word, counts[word]);
      }
    }
    offerGrown();
  }

  /**
   * Learns until the vocabulary has {@code tokens} tokens.
   *
   * @param wordCounts distinct words with their counts, in any order
   * @param tokens vocabulary size without special tokens, at least 256
   * @param progress told the size reached, now and then
   * @throws CorpusException when no pair is left before that; the message names the reachable size
   */
  static BpeMerges learn(List<WordCount> wordCounts, int tokens, LongConsumer progress) {
    return new BpeLearner(wordCounts).run(tokens, progress);
  }

  private BpeMerges run(int tokens, LongConsumer progress) {
    while (vocabulary.size() < tokens) {
      BpePair best = poll();
      if (best == null) {
        throw new CorpusException(
            "Corpus too small for the vocabulary: vocabularySize=%s reachable=%s. Set"
                    .formatted(tokens + 1, vocabulary.size() + 1)
                + " vocabularySize to at most the reachable size, or give more text");
      }
      int product = product(best);
      for (int word : best.takeWords()) {
        merge(word, best, product);
      }
      pairs.remove(BpePair.key(best.left, best.right));
      offerGrown();
      if (vocabulary.size() % ADVANCE_EVERY == 0) {
        progress.accept(vocabulary.size());
      }
    }
    return new BpeMerges(vocabulary, merges);
  }

  private BpePair poll() {
    while (!queue.isEmpty()) {
      Candidate candidate = queue.poll();
      BpePair pair = pairs.get(BpePair.key(candidate.left(), candidate.right()));
      if (pair == null || pair.count == 0) {
        continue;
      }
      if (pair.count == candidate.count()) {
        return pair;
      }
      // Pairs that grew were offered again when they did; this entry is one that shrank.
      if (pair.count < candidate.count()) {
        queue.add(new Candidate(pair.count, pair.left, pair.right));
      }
    }
    return null;
  }

  private int product(BpePair pair) {
    Merge merge = new Merge(vocabulary.get(pair.left), vocabulary.get(pair.right));
    merges.add(merge);
    Integer known = ids.putIfAbsent(merge.product(), vocabulary.size());
    if (known != null) {
      return known;
    }
    vocabulary.add(merge.product());
    return vocabulary.size() - 1;
  }

  /** Rewrites one word from left to right, and the counts of the pairs that come and go. */
  private void merge(int word, BpePair pair, int product) {
    int[] symbols = words[word];
    long count = counts[word];
    int length = 0;
    for (int i = 0; i < symbols.length; ) {
      boolean match =
          i + 1 < symbols.length && symbols[i] == pair.left && symbols[i + 1] == pair.right;
      if (!match) {
        symbols[length++] = symbols[i++];
        continue;
      }
      pair.count -= count;
      if (length > 0) {
        remove(symbols[length - 1], pair.left, count);
        add(symbols[length - 1], product, word, count);
      }
      i += 2;
      if (i < symbols.length) {
        remove(pair.right, symbols[i], count);
        add(product, symbols[i], word, count);
      }
      symbols[length++] = product;
    }
    words[word] = Arrays.copyOf(symbols, length);
  }

  private void add(int left, int right, int word, long count) {
    BpePair pair = pairs.computeIfAbsent(BpePair.key(left, right), key -> new BpePair(left, right));
    pair.count += count;
    pair.in(word);
    if (!pair.grown) {
      pair.grown = true;
      grown.add(pair);
    }
  }

  private void remove(int left, int right, long count) {
    pairs.get(BpePair.key(left, right)).count -= count;
  }

  private void offerGrown() {
    for (BpePair pair : grown) {
      pair.grown = false;
      if (pair.count > 0) {
        queue.add(new Candidate(pair.count, pair.left, pair.right));
      }
    }
    grown.clear();
  }
}
