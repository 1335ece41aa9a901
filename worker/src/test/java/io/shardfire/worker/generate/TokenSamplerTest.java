package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TokenSamplerTest {
  /** One float before the logits; probabilities 0.5, 0.125, 0.25, 0.125 at temperature 1. */
  private static final float[] LOGITS = {
    99, (float) Math.log(4), 0, (float) Math.log(2), 0,
  };

  @Test
  void shouldTakeTheMostLikelyAtTemperatureZero() {
    assertArrayEquals(new int[] {100, 0, 0, 0}, counts(Sampling.GREEDY, 100));
  }

  @Test
  void shouldBreakTiesTowardsTheSmallerId() {
    TokenSampler sampler = new TokenSampler(Sampling.GREEDY, 1, 3);
    assertEquals(1, sampler.draw(new float[] {-5, -2, -2}, 0));
  }

  @Test
  void shouldDrawByProbability() {
    int[] counts = counts(Sampling.atTemperature(1), 80_000);
    assertEquals(40_000, counts[0], 600);
    assertEquals(10_000, counts[1], 400);
    assertEquals(20_000, counts[2], 500);
    assertEquals(10_000, counts[3], 400);
  }

  @Test
  void shouldFlattenWithTemperature() {
    int[] counts = counts(Sampling.atTemperature(2), 10_000);
    double sum = 2 + Math.sqrt(2) + 1 + 1;
    assertEquals(10_000 * 2 / sum, counts[0], 200);
  }

  @Test
  void shouldKeepTheTopK() {
    int[] counts = counts(new Sampling(1, 2, 1, 0, 1), 30_000);
    assertEquals(20_000, counts[0], 400);
    assertEquals(10_000, counts[2], 400);
    assertEquals(30_000, counts[0] + counts[2]);
  }

  @Test
  void shouldKeepTheNucleus() {
    assertArrayEquals(new int[] {500, 0, 0, 0}, counts(new Sampling(1, 0, 0.49, 0, 1), 500));
    int[] counts = counts(new Sampling(1, 0, 0.6, 0, 1), 30_000);
    assertEquals(30_000, counts[0] + counts[2]);
    assertTrue(counts[2] > 9_000);
    int[] three = counts(new Sampling(1, 0, 0.8, 0, 1), 5_000);
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
    TokenSampler sampler = new TokenSampler(Sampling.atTemperature(1), 1, 2);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> sampler.draw(new float[] {0, Float.NaN}, 0));
    assertTrue(e.getMessage().endsWith("id=1"), e.getMessage());
  }

  @Test
  void shouldPenaliseEachTokenOfThePromptAndOfTheTextOnce() {
    float[] logits = {3, 2.9f, 2.8f, -1};
    TokenSampler sampler =
        new TokenSampler(new Sampling(0, 0, 1, 0, 1.5), 1, logits.length, 0, 0, 0);
    int[] drawn = new int[4];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = sampler.draw(logits, 0);
    }
    // 3 counts as 2 from the start; then 2.9 and 2.8 as less than that.
    assertArrayEquals(new int[] {1, 2, 0, 0}, drawn);
  }

  @Test
  void shouldCheckEveryValue() {
    assertEquals(
        "top-p must be above 0 and at most 1, which keeps all: topP=1.5",
        refused(() -> new Sampling(1, 0, 1.5, 0, 1)));
    assertEquals(
        "min-p must be at least 0, which keeps all, and at most 1: minP=-0.1",
        refused(() -> new Sampling(1, 0, 1, -0.1, 1)));
    assertEquals(
        "top-k must be at least 0, which keeps all tokens: topK=-1",
        refused(() -> new Sampling(1, -1, 1, 0, 1)));
    assertEquals(
        "temperature must be at least 0: temperature=NaN",
        refused(() -> Sampling.atTemperature(Double.NaN)));
    assertEquals(
        "The repetition penalty must be above 0; 1 is none: repetitionPenalty=0.0",
        refused(() -> new Sampling(1, 0, 1, 0, 0)));
  }

  private static String refused(Executable making) {
    return assertThrows(IllegalArgumentException.class, making).getMessage();
  }

  private static int[] draws(long seed) {
    TokenSampler sampler = new TokenSampler(Sampling.atTemperature(1), seed, 4);
    int[] ids = new int[40];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = sampler.draw(LOGITS, 1);
    }
    return ids;
  }

  private static int[] counts(Sampling sampling, int draws) {
    TokenSampler sampler = new TokenSampler(sampling, 7, 4);
    int[] counts = new int[4];
    for (int i = 0; i < draws; i++) {
      counts[sampler.draw(LOGITS, 1)]++;
    }
    return counts;
  }
}
