package io.shardfire.driver.baseline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.corpus.AbstractSparkTest;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NgramBaselineTest extends AbstractSparkTest {
  private static final int VOCABULARY = 13;

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  private final NgramListener progress =
      new NgramListener() {
        @Override
        public void counting(int order) {
          told.add("counting " + order);
        }

        @Override
        public void counted(int order, long grams) {
          told.add(grams + " of " + order);
        }

        @Override
        public void evaluating() {
          told.add("evaluating");
        }
      };

  /** Rare and common tokens, each depending on the one before. */
  private static int[] ids(int length, long key) {
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      double u = CounterRandom.uniform(key, i);
      int step = (int) (u * u * u * VOCABULARY);
      ids[i] = ((i == 0 ? 0 : ids[i - 1] * 3) + step) % VOCABULARY;
    }
    return ids;
  }

  private static List<Integer> list(int[] ids) {
    return IntStream.of(ids).boxed().toList();
  }

  private BaselineReport run(int order) {
    told.clear();
    return NgramBaseline.run(session(), folder.toString(), order, progress);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void shouldAgreeWithTheFormulas(int order) throws IOException {
    int[] train = ids(701, 1);
    int[] validation = ids(97, 2);
    TokenCorpus.write(folder, VOCABULARY, train, validation);
    KneserNeyReference reference = new KneserNeyReference(list(train), order, VOCABULARY);
    List<Integer> seen = list(validation);
    double nats = 0;
    for (int i = 0; i < validation.length; i++) {
      nats -= StrictMath.log(reference.probability(seen.subList(0, i), validation[i]));
      double sum = 0;
      for (int v = 0; v < VOCABULARY; v++) {
        sum += reference.probability(seen.subList(0, i), v);
      }
      assertEquals(1, sum, 1e-12);
    }

    BaselineReport report = run(order);

    assertEquals(nats / validation.length, report.loss(), 1e-8);
    assertEquals(701, report.trainTokens());
    assertEquals(97, report.validationTokens());
    assertEquals(2 * 97, report.validationBytes());
    assertEquals(StrictMath.exp(report.loss()), report.perplexity());
    assertEquals(report.loss() / StrictMath.log(2) / 2, report.bitsPerByte(), 1e-12);
  }

  /** Five times token 0, three times token 1: (5 - 1.5) / 8 + (2 * 1.5 / 8) / 4 and so on. */
  @Test
  void shouldFindTheUnigramsThatAHandFinds() throws IOException {
    TokenCorpus.write(folder, 4, new int[] {0, 0, 1, 0, 1, 0, 1, 0}, new int[] {0, 1, 2});
    BaselineReport report = run(1);
    double expected =
        -(StrictMath.log(0.53125) + StrictMath.log(0.28125) + StrictMath.log(0.09375)) / 3;
    assertEquals(expected, report.loss(), 1e-9);
    assertEquals(List.of("counting 1", "2 of 1", "evaluating"), told);
  }

  /** Ten n-grams that occur once, four twice, two three times, one four times. */
  @Test
  void shouldDiscountByTheCountsOfCounts() {
    double y = 10.0 / 18;
    assertEquals(
        new Discounts(1 - 2 * y * 0.4, 2 - 3 * y * 0.5, 3 - 4 * y * 0.5),
        Discounts.of(10, 4, 2, 1));
    assertEquals(Discounts.FALLBACK, Discounts.of(0, 4, 2, 1));
    assertEquals(Discounts.FALLBACK, Discounts.of(10, 4, 2, 9));
  }

  @Test
  void shouldRefuseWhatCannotBe() throws IOException {
    IllegalArgumentException order = assertThrows(IllegalArgumentException.class, () -> run(17));
    assertEquals(
        "An n-gram has from 1 to 16 tokens; choose another order: order=17", order.getMessage());
    TokenCorpus.write(folder, 4, new int[] {0, 1, 2, 3, 0}, new int[] {0, 1});
    DataException small = assertThrows(DataException.class, () -> run(3));
    assertTrue(
        small.getMessage().endsWith("split=VALIDATION, tokens=2, needed=3"), small.getMessage());
  }
}
