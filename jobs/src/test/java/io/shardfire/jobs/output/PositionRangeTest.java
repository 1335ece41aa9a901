package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class PositionRangeTest {
  @Test
  void shouldDoubleFromAQuarterOfTheTrainedContext() {
    assertEquals("[0-15, 16-31, 32-63]", PositionRange.doubling(64, 64).toString());
    assertEquals(
        "[0-15, 16-31, 32-63, 64-127, 128-255]", PositionRange.doubling(64, 256).toString());
    assertEquals("[0-8, 9-17, 18-35, 36-39]", PositionRange.doubling(37, 40).toString());
    assertEquals("[0, 1, 2-3, 4]", PositionRange.doubling(1, 5).toString());
  }

  @Test
  void shouldCutIntoEighthsOfTheTrainedContext() {
    assertEquals(16, PositionRange.fine(64, 128).size());
    assertEquals("[0-3, 4-7, 8-9]", PositionRange.fine(37, 10).toString());
    assertEquals("[0, 1, 2]", PositionRange.fine(3, 3).toString());
  }
}
