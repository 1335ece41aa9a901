package io.shardfire.kernels.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OutcomeTest {
  @Test
  void shouldCompareEachRunWithTheTwoAroundIt() {
    double[] base = {10, 10, 30, 10, 10, 40};
    double[] candidate = {9, 18, 18, 11, 22.5};
    Outcome outcome = Outcome.of(base, candidate);
    assertEquals(0.1, outcome.gain(), 1e-12);
    assertEquals(0.8, outcome.wins());
    assertTrue(outcome.won());
  }

  @Test
  void shouldTakeSmallAndContestedGainsForNoise() {
    assertTrue(new Outcome(0.03, 0.75).won());
    assertFalse(new Outcome(0.029, 1).won());
    assertFalse(new Outcome(0.2, 0.7).won());
    assertFalse(new Outcome(-0.5, 0).won());
  }
}
