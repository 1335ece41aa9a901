package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.tokenizer.PreTokenizer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WordTallyTest {
  private static Map<String, Long> counts(byte[] written) {
    Map<String, Long> counts = new TreeMap<>();
    WordTally.forEach(written, (word, count) -> assertNull(counts.put(word, count), word));
    return counts;
  }

  private static Map<String, Long> all(WordTally tally) {
    return counts(tally.mostFrequent(Integer.MAX_VALUE));
  }

  @Test
  void shouldCountPieces() {
    WordTally tally = WordTally.unbounded();
    Map<String, Long> expected = new TreeMap<>();
    for (int i = 0; i < 3000; i++) {
      String text = "don't \uD83D\uDE00 größer " + i % 1700 + "  日本語\n";
      tally.count(text);
      PreTokenizer.split(text).forEach(piece -> expected.merge(piece, 1L, Long::sum));
    }

    assertEquals(expected, all(tally));
    assertEquals(expected.size(), tally.size());
  }

  @Test
  void shouldAddUpWhatOthersWroteInBuckets() {
    WordTally whole = WordTally.unbounded();
    List<WordTally> sums = List.of(WordTally.unbounded(), WordTally.unbounded());
    for (int part = 0; part < 3; part++) {
      WordTally tally = new WordTally(1000);
      for (int i = 0; i < 50; i++) {
        String text = "word" + i * (part + 1);
        tally.count(text);
        whole.count(text);
      }
      List<byte[]> buckets = tally.buckets(2);
      sums.get(0).addWritten(buckets.get(0));
      sums.get(1).addWritten(buckets.get(1));
    }

    Map<String, Long> together = new TreeMap<>(all(sums.get(0)));
    all(sums.get(1)).forEach((word, count) -> assertNull(together.put(word, count), word));
    assertEquals(all(whole), together);
    assertTrue(sums.get(0).size() > 0 && sums.get(1).size() > 0);
  }

  @Test
  void shouldForgetTheRarestWordsWhenItIsFull() {
    WordTally tally = new WordTally(4);
    tally.count("a a a");
    tally.count(" b b");
    // The piece "a" without a space stands once, like the new one; "\n" would be the fourth.
    assertEquals(Map.of("a", 1L, " a", 2L, " b", 2L), all(tally));
    tally.count("c");

    assertEquals(Map.of(" a", 2L, " b", 2L), all(tally));
    tally.count("c a");
    assertEquals(Map.of(" a", 3L, " b", 2L, "c", 1L), all(tally));
  }

  @Test
  void shouldStayBoundedAndKeepWhatIsFrequent() {
    WordTally tally = new WordTally(100);
    for (int i = 0; i < 100_000; i++) {
      tally.count(" often " + Integer.toString(i, 36));
      assertTrue(tally.size() < 100, "size=" + tally.size());
    }

    assertEquals(100_000L, all(tally).get(" often"));
  }

  @Test
  void shouldForgetWordsThatAreTooLongTogether() {
    WordTally tally = new WordTally(100);
    tally.count(" short short");
    tally.count("x".repeat(1600));

    assertEquals(Map.of(" short", 2L), all(tally));
  }

  @Test
  void shouldChooseTheMostFrequentAndThenTheFirst() {
    WordTally tally = WordTally.unbounded();
    tally.count(" d c b a d");

    assertEquals(Map.of(" d", 2L, " a", 1L), counts(tally.mostFrequent(2)));
  }
}
