package io.shardfire.worker.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CounterRandomTest {
  @Test
  void shouldGiveTheSameNumbersForTheSameKey() {
    assertEquals(CounterRandom.mix(7, "wte"), CounterRandom.mix(7, "wte"));
    assertEquals(CounterRandom.uniform(3, 4), CounterRandom.uniform(3, 4));
  }

  @Test
  void shouldDependOnEveryPartOfAKey() {
    assertNotEquals(CounterRandom.mix(7, "a"), CounterRandom.mix(7, "b"));
    assertNotEquals(CounterRandom.mix(7, "a"), CounterRandom.mix(8, "a"));
    assertNotEquals(CounterRandom.mix(1, 2), CounterRandom.mix(2, 1));
  }

  @Test
  void shouldFlipHalfOfTheBitsWhenOneInputBitFlips() {
    long flips = 0;
    int trials = 64 * 256;
    for (int i = 0; i < trials; i++) {
      long value = i * 0x1234567L;
      flips +=
          Long.bitCount(
              CounterRandom.mix(5, value) ^ CounterRandom.mix(5, value ^ 1L << i % Long.SIZE));
    }
    assertEquals(32, (double) flips / trials, 0.2);
  }

  @Test
  void shouldFillWithTheMomentsOfANormalDistribution() {
    float[] values = new float[200_001];
    CounterRandom.fillNormal(11, 0.5, values, 1, values.length - 1);
    assertEquals(0, values[0]);
    double[] moments = new double[5];
    for (int i = 1; i < values.length; i++) {
      for (int order = 1; order <= 4; order++) {
        moments[order] += Math.pow(values[i] / 0.5, order) / (values.length - 1);
      }
    }
    assertEquals(0, moments[1], 0.01);
    assertEquals(1, moments[2], 0.02);
    assertEquals(0, moments[3], 0.03);
    assertEquals(3, moments[4], 0.1);
  }

  @Test
  void shouldFillAnElementAlikeWhateverTheLength() {
    float[] all = new float[9];
    float[] start = new float[9];
    CounterRandom.fillNormal(2, 1, all, 0, 9);
    CounterRandom.fillNormal(2, 1, start, 0, 5);
    for (int i = 0; i < 5; i++) {
      assertEquals(all[i], start[i]);
    }
    assertTrue(start[5] == 0);
  }
}
