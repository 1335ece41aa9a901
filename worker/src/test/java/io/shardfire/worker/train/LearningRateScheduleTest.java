package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
  private final LearningRateSchedule schedule = new LearningRateSchedule(1, 0.1, 4, 24);

  @Test
  void shouldRiseLinearly() {
    assertEquals(0.2, schedule.rate(0), 1e-15);
    assertEquals(0.8, schedule.rate(3), 1e-15);
    assertEquals(1, schedule.rate(4), 1e-15);
  }

  @Test
  void shouldFallAlongACosine() {
    assertEquals(0.55, schedule.rate(14), 1e-15);
    assertEquals(0.1 + 0.9 * (1 + Math.cos(Math.PI / 4)) / 2, schedule.rate(9), 1e-15);
  }

  @Test
  void shouldStayAtTheMinimum() {
    assertEquals(0.1, schedule.rate(24), 1e-15);
    assertEquals(0.1, schedule.rate(1_000_000), 1e-15);
  }

  @Test
  void shouldWorkWithoutWarmupOrDecay() {
    assertEquals(1, new LearningRateSchedule(1, 0, 0, 10).rate(0), 1e-15);
    assertEquals(0.5, new LearningRateSchedule(1, 0.5, 10, 10).rate(10), 1e-15);
  }
}
