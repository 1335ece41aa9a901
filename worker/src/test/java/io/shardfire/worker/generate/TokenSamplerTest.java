package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {
  /** One float before the logits; probabilities 0.5, 0.125, 0.25, 0.125 at temperature 1. */
  private static final float[] LOGITS = {
    99, (float) Math.log(4), 0, (float) Math.log(2), 0,
  };

  @Test
  void shouldTakeTheMostLikelyAtTemperatureZero() {
    assertArrayEquals(new int[] {100, 0, 0, 0}, counts(new Sampling(0, 0, 1, 1), 100));
  }

  @Test
  void shouldBreakTiesTowardsTheSmallerId() {
    TokenSampler sampler = new TokenSampler(new Sampling(0, 0, 1, 1), 3);
    assertEquals(1, sampler.draw(new float[] {-5, -2, -2}, 0));
  }

  @Test
  void shouldDrawByProbability() {
    int[] counts = counts(new Sampling(1, 0, 1, 7), 80_000);
    assertEquals(40_000, counts[0], 600);
    assertEquals(10_000, counts[1], 400);
    assertEquals(20_000, counts[2], 500);
    assertEquals(10_000, counts[3], 400);
  }

  @Test
  void shouldFlattenWithTemperature() {
    int[] counts = counts(new Sampling(2, 0, 1, 7), 10_000);
    double sum = 2 + Math.sqrt(2) + 1 + 1;
    assertEquals(10_000 * 2 / sum, counts[0], 200);
  }

  @Test
  void shouldKeepTheTopK() {
    int[] counts = counts(new Sampling(1, 2, 1, 7), 30_000);
    assertEquals(20_000, counts[0], 400);
    assertEquals(10_000, counts[2], 400);
    assertEquals(30_000, counts[0] + counts[2]);
  }

  @Test
  void shouldKeepTheNucleus() {
    assertArrayEquals(new int[] {500, 0, 0, 0}, counts(new Sampling(1, 0, 0.49, 7), 500));
    int[] counts = counts(new Sampling(1, 0, 0.6, 7), 30_000);
    assertEquals(30_000, counts[0] + counts[2]);
    assertTrue(counts[2] > 9_000);
    int[] three = counts(new Sampling(1, 0, 0.8, 7), 5_000);
    assertTrue(three[1] > 0);
    assertEquals(0, three[3]);
  }

  @Test
  void shouldRepeatWithTheSeed() {
    int[] first = draws(5);
    assertArrayEquals(first, draws(5));
    assertTrue(!Arrays.equals(first, draws(6)));
  }

  @Test
  void shouldRefuseALogitThatIsNotANumber() {
    TokenSampler sampler = new TokenSampler(new Sampling(1, 0, 1, 1), 2);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> sampler.draw(new float[] {0, Float.NaN}, 0));
    assertTrue(e.getMessage().endsWith("id=1"), e.getMessage());
  }

  private static int[] draws(long seed) {
    TokenSampler sampler = new TokenSampler(new Sampling(1, 0, 1, seed), 4);
    int[] ids = new int[40];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = sampler.draw(LOGITS, 1);
    }
    return ids;
  }

  private static int[] counts(Sampling sampling, int draws) {
    TokenSampler sampler = new TokenSampler(sampling, 4);
    int[] counts = new int[4];
    for (int i = 0; i < draws; i++) {
      counts[sampler.draw(LOGITS, 1)]++;
    }
    return counts;
  }
}
