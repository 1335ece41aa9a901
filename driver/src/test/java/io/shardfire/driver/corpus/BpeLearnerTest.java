package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.tokenizer.ByteLevel;
import io.shardfire.worker.tokenizer.TokenizerJson.Merge;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpeLearnerTest {
  @Test
  void shouldMergeTheMostFrequentPairsFirst() {
    // The worked example of Sennrich et al. (2016), section 3.2, without its end-of-word symbol.
    List<WordCount> words =
        List.of(
            new WordCount("low", 5),
            new WordCount("lower", 2),
            new WordCount("newest", 6),
            new WordCount("widest", 3));

    BpeMerges learned = BpeLearner.learn(words, 259, size -> {});

    assertEquals(
        List.of(new Merge("e", "s"), new Merge("es", "t"), new Merge("l", "o")), learned.merges());
    assertEquals(List.of("es", "est", "lo"), learned.vocabulary().subList(256, 259));
  }

  @Test
  void shouldStartWithTheAlphabetAndHaveTheExactSize() {
    BpeMerges learned = BpeLearner.learn(List.of(new WordCount("aaaa", 1)), 257, size -> {});

    assertEquals(ByteLevel.alphabet(), learned.vocabulary().subList(0, 256));
    assertEquals(257, learned.vocabulary().size());
  }

  @Test
  void shouldBreakTiesBySmallestIds() {
    List<WordCount> words = List.of(new WordCount("xy", 4), new WordCount("ab", 4));

    assertEquals(
        List.of(new Merge("a", "b"), new Merge("x", "y")),
        BpeLearner.learn(words, 258, size -> {}).merges());
  }

  @Test
  void shouldCountOverlappingPairsAndMergeFromTheLeft() {
    List<WordCount> words = List.of(new WordCount("aaaaa", 3));

    assertEquals(
        List.of(new Merge("a", "a"), new Merge("aa", "a"), new Merge("aa", "aaa")),
        BpeLearner.learn(words, 259, size -> {}).merges());
  }

  @Test
  void shouldWriteBytesBeyondAsciiAsLetters() {
    BpeMerges learned = BpeLearner.learn(List.of(new WordCount(" é", 2)), 258, size -> {});

    assertEquals(ByteLevel.encode(" é"), learned.vocabulary().get(257));
  }

  @Test
  void shouldEqualTheAlgorithmThatCountsAnewEachRound() {
    Random random = new Random(7);
    for (int round = 0; round < 20; round++) {
      Map<String, Long> counts = new LinkedHashMap<>();
      for (int word = 0; word < 40; word++) {
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(12);
        for (int i = 0; i < length; i++) {
          text.append((char) ('a' + random.nextInt(3)));
        }
        counts.merge(text.toString(), 1L + random.nextInt(5), Long::sum);
      }
      List<WordCount> words =
          counts.entrySet().stream()
              .map(entry -> new WordCount(entry.getKey(), entry.getValue()))
              .toList();

      assertEquals(naiveMerges(counts, 300), BpeLearner.learn(words, 300, size -> {}).merges());
    }
  }

  @Test
  void shouldNotDependOnTheOrderOfTheWords() {
    List<WordCount> words = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      words.add(new WordCount("word" + i * 37 % 100, 1 + i % 3));
    }
    BpeMerges learned = BpeLearner.learn(words, 290, size -> {});
    Collections.shuffle(words, new Random(1));

    assertEquals(learned, BpeLearner.learn(words, 290, size -> {}));
  }

  @Test
  void shouldNameTheReachableSizeWhenTheCorpusIsTooSmall() {
    CorpusException e =
        assertThrows(
            CorpusException.class,
            () -> BpeLearner.learn(List.of(new WordCount("abc", 9)), 511, size -> {}));

    assertTrue(
        e.getMessage()
            .startsWith(
                "Corpus too small for the vocabulary: vocabularySize=512 reachable=259. Set"),
        e.getMessage());
  }

  /** The textbook algorithm, with its own ids and no incremental bookkeeping. */
  private static List<Merge> naiveMerges(Map<String, Long> counts, int tokens) {
    List<String> vocabulary = new ArrayList<>(ByteLevel.alphabet());
    Map<String, List<String>> words = new LinkedHashMap<>();
    counts.keySet().forEach(word -> words.put(word, new ArrayList<>(List.of(word.split("")))));
    List<Merge> merges = new ArrayList<>();
    while (vocabulary.size() < tokens) {
      Map<Merge, Long> pairs = new HashMap<>();
      words.forEach(
          (word, symbols) -> {
            for (int i = 0; i + 1 < symbols.size(); i++) {
              pairs.merge(
                  new Merge(symbols.get(i), symbols.get(i + 1)), counts.get(word), Long::sum);
            }
          });
      Merge best = null;
      for (Merge pair : pairs.keySet()) {
        if (best == null || before(pair, best, pairs, vocabulary)) {
          best = pair;
        }
      }
      merges.add(best);
      if (!vocabulary.contains(best.product())) {
        vocabulary.add(best.product());
      }
      for (List<String> symbols : words.values()) {
        for (int i = 0; i + 1 < symbols.size(); i++) {
          if (symbols.get(i).equals(best.left()) && symbols.get(i + 1).equals(best.right())) {
            symbols.set(i, best.product());
            symbols.remove(i + 1);
          }
        }
      }
    }
    return merges;
  }

  private static boolean before(
      Merge pair, Merge other, Map<Merge, Long> pairs, List<String> vocabulary) {
    int byCount = Long.compare(pairs.get(other), pairs.get(pair));
    int byLeft = Integer.compare(vocabulary.indexOf(pair.left()), vocabulary.indexOf(other.left()));
    int byRight =
        Integer.compare(vocabulary.indexOf(pair.right()), vocabulary.indexOf(other.right()));
    return byCount != 0 ? byCount < 0 : byLeft != 0 ? byLeft < 0 : byRight < 0;
  }
}
