package io.shardfire.worker.baseline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HiddenMarkovModelTest {
  private static final int STATES = 3;
  private static final int VOCABULARY = 4;
  private static final int[] IDS = {2, 0, 3, 3, 1};

  private final HiddenMarkovModel model = HiddenMarkovModel.random(STATES, VOCABULARY, 5);

  /** Every path of states, one after the other. */
  @Test
  void shouldExpectWhatAllPathsTogetherDo() {
    double[] start = new double[STATES];
    double[] transition = new double[STATES * STATES];
    double[] emission = new double[VOCABULARY * STATES];
    double likelihood = 0;
    int paths = (int) StrictMath.pow(STATES, IDS.length);
    for (int path = 0; path < paths; path++) {
      int[] states = new int[IDS.length];
      for (int t = 0, rest = path; t < IDS.length; t++, rest /= STATES) {
        states[t] = rest % STATES;
      }
      double p = model.start(states[0]) * model.emission(states[0], IDS[0]);
      for (int t = 1; t < IDS.length; t++) {
        p *= model.transition(states[t - 1], states[t]) * model.emission(states[t], IDS[t]);
      }
      likelihood += p;
      start[states[0]] += p;
      for (int t = 0; t < IDS.length; t++) {
        emission[IDS[t] * STATES + states[t]] += p;
        if (t > 0) {
          transition[states[t - 1] * STATES + states[t]] += p;
        }
      }
    }
    ExpectedCounts counts = model.counts();
    model.expect(IDS, counts);

    double total = likelihood;
    assertEquals(-StrictMath.log(likelihood) / IDS.length, counts.loss(), 1e-12);
    assertArrayEquals(Arrays.stream(start).map(p -> p / total).toArray(), counts.start, 1e-12);
    assertArrayEquals(
        Arrays.stream(emission).map(p -> p / total).toArray(), counts.emission, 1e-12);
    for (int i = 0; i < STATES; i++) {
      for (int j = 0; j < STATES; j++) {
        int at = i * STATES + j;
        assertEquals(transition[at] / total, counts.transition[at] * model.transition(i, j), 1e-12);
      }
    }
  }

  @Test
  void shouldFilterWhatItExpects() {
    ExpectedCounts counts = model.counts();
    model.expect(IDS, counts);
    HiddenMarkovModel.Filter filter = model.filter();
    double nats = Arrays.stream(IDS).mapToDouble(filter::next).sum();
    assertEquals(counts.loss(), nats / IDS.length, 1e-12);
  }

  @Test
  void shouldAddUpToOneAfterEachStep() {
    ExpectedCounts counts = model.counts();
    model.expect(IDS, counts);
    HiddenMarkovModel next = model.maximized(counts, 0.25);
    double start = 0;
    for (int i = 0; i < STATES; i++) {
      start += next.start(i);
      double transition = 0;
      for (int j = 0; j < STATES; j++) {
        transition += next.transition(i, j);
      }
      double emission = 0;
      for (int id = 0; id < VOCABULARY; id++) {
        emission += next.emission(i, id);
      }
      assertEquals(1, transition, 1e-12);
      assertEquals(1, emission, 1e-12);
    }
    assertEquals(1, start, 1e-12);
    // (expected count + smoothing) / (their sum + smoothing of every token)
    double sum = 0;
    for (int id = 0; id < VOCABULARY; id++) {
      sum += counts.emission[id * STATES];
    }
    assertEquals((counts.emission[0] + 0.25) / (sum + 1), next.emission(0, 0), 1e-12);
  }

  /** Eight kinds of tokens follow each other in turn: 64 tokens, of which 8 can be next. */
  @Test
  void shouldTellManyStatesApartWithinAFewIterations() {
    int[] ids = new int[2000];
    Arrays.setAll(ids, i -> i % 8 * 8 + (int) (CounterRandom.uniform(3, i) * 8));
    HiddenMarkovModel estimated = HiddenMarkovModel.random(16, 64, 5);
    double loss = Double.MAX_VALUE;
    for (int iteration = 0; iteration < 15; iteration++) {
      ExpectedCounts counts = estimated.counts();
      estimated.expect(ids, counts);
      loss = counts.loss();
      estimated = estimated.maximized(counts, 1e-3);
    }
    assertTrue(loss < StrictMath.log(64) - 1, "loss=" + loss);
  }

  @Test
  void shouldStayFiniteOverALongSequence() {
    int[] ids = new int[100_000];
    Arrays.setAll(ids, i -> i % VOCABULARY);
    ExpectedCounts counts = model.counts();
    model.expect(ids, counts);
    assertEquals(StrictMath.log(VOCABULARY), counts.loss(), 0.3);
  }

  @Test
  void shouldRefuseSizesThatDoNotFit() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> HiddenMarkovModel.random(20_000, 100_000, 1));
    assertTrue(e.getMessage().endsWith("states=20000, vocabularySize=100000"), e.getMessage());
  }
}
