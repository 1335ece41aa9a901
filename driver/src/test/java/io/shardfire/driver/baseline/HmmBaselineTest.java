package io.shardfire.driver.baseline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.corpus.AbstractSparkTest;
import io.shardfire.worker.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HmmBaselineTest extends AbstractSparkTest {
  private static final int VOCABULARY = 6;

  @TempDir Path folder;

  /** Two hidden states that last, one with the even tokens and one with the odd ones. */
  private static int[] ids(int length, long key) {
    int[] ids = new int[length];
    int state = 0;
    for (int i = 0; i < length; i++) {
      state = CounterRandom.uniform(key, 2L * i) < 0.05 ? 1 - state : state;
      ids[i] = 2 * (int) (CounterRandom.uniform(key, 2L * i + 1) * 3) + state;
    }
    return ids;
  }

  @Test
  void shouldFindTheStatesThatMadeTheTokens() throws IOException {
    TokenCorpus.write(folder, VOCABULARY, ids(4000, 1), ids(1000, 2));
    HmmConfiguration settings = new HmmConfiguration(2, 30, 100, 1e-6, 7);
    List<Double> losses = new ArrayList<>();

    BaselineReport report = HmmBaseline.run(session(), folder.toString(), settings, losses::add);

    assertEquals(30, losses.size());
    for (int i = 1; i < losses.size(); i++) {
      assertTrue(losses.get(i) <= losses.get(i - 1) + 1e-9, losses.toString());
    }
    // The process itself: ln 3 for the token, and the entropy of a state that changes in 20.
    double entropy = StrictMath.log(3) - 0.05 * StrictMath.log(0.05) - 0.95 * StrictMath.log(0.95);
    assertEquals(entropy, report.loss(), 0.05);
    assertTrue(report.loss() < StrictMath.log(VOCABULARY) - 0.3, "loss=" + report.loss());
    assertEquals(4000, report.trainTokens());
    assertEquals(2000, report.validationBytes());
    assertEquals(report, HmmBaseline.run(session(), folder.toString(), settings, loss -> {}));
  }

  @Test
  void shouldNameTheValueAndTheRemedy() {
    assertRefused(() -> new HmmConfiguration(0, 1, 9, 1, 1), "set it from 1 to 1024: states=0");
    assertRefused(() -> new HmmConfiguration(2, 0, 9, 1, 1), "iterations=0");
    assertRefused(() -> new HmmConfiguration(2, 1, 1, 1, 1), "sequenceLength=1");
    assertRefused(() -> new HmmConfiguration(2, 1, 9, 0, 1), "smoothing=0.0");
  }

  private static void assertRefused(Runnable action, String text) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertTrue(e.getMessage().endsWith(text), e.getMessage());
  }
}
