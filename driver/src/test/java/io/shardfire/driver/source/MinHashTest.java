package io.shardfire.driver.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MinHashTest {
  @Test
  void shouldSeeWordsOnly() {
    assertArrayEquals(
        MinHash.bands("The quick, brown FOX jumps over a dog"),
        MinHash.bands("the quick brown\nfox (jumps) over a dog!"));
    assertNotEquals(
        Arrays.toString(MinHash.bands("the quick brown fox jumps over a dog")),
        Arrays.toString(MinHash.bands("the brown quick fox jumps over a dog")));
    assertEquals(0, MinHash.bands(" --- !").length);
  }

  @Test
  void shouldTakeShortTextsWhole() {
    assertArrayEquals(MinHash.bands("two words"), MinHash.bands("Two  words."));
    assertEquals(0, common("two words", "two other words"));
  }

  @Test
  void shouldTakeIdeographsForWords() {
    assertArrayEquals(MinHash.bands("日本語の文"), MinHash.bands("日 本 語 の 文"));
  }

  /** A band is common with the probability that the class states, as the similarity has it. */
  @Test
  void shouldHaveBandsInCommonAsOftenAsTheSimilaritySays() {
    assertEquals(0.05, share(0.5), 0.06);
    assertEquals(0.92, share(0.8), 0.08);
    assertEquals(1.0, share(0.9), 0.02);
  }

  /** Of pairs of texts whose sequences have a Jaccard similarity of s. */
  private static double share(double similarity) {
    int pairs = 200;
    int together = 0;
    for (int pair = 0; pair < pairs; pair++) {
      // Common words c and own words d of each side: s = c / (c + 2 d), but for the four at the
      // seam.
      int common = 400;
      int own = (int) Math.round(common * (1 - similarity) / (2 * similarity));
      Random random = new Random(pair);
      String start = words(random, common + 4);
      if (common(start + words(random, own), start + words(random, own)) > 0) {
        together++;
      }
    }
    return (double) together / pairs;
  }

  private static String words(Random random, int count) {
    return random
        .ints(count, 0, 1 << 30)
        .mapToObj(word -> "w" + word + " ")
        .collect(Collectors.joining());
  }

  private static long common(String left, String right) {
    Set<Long> bands = Arrays.stream(MinHash.bands(left)).boxed().collect(Collectors.toSet());
    return Arrays.stream(MinHash.bands(right)).filter(bands::contains).count();
  }
}
