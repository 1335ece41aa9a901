package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class RankPlanTest {
  @Test
  void shouldFindTheMostRanksForTheSlotsLeft() {
    RankPlan plan = new RankPlan(8, 8);
    assertEquals(8, plan.largestWithin(9));
    assertEquals(4, plan.largestWithin(7));
    assertEquals(1, plan.largestWithin(1));
    assertEquals(0, plan.largestWithin(0));
    assertEquals(3, new RankPlan(6, 6).largestWithin(5));
  }

  @Test
  void shouldRefuseRanksThatCannotShareTheShards() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new RankPlan(2, 6));
    assertEquals(
        "The logical shards must be the ranks times a power of two: logicalShards=6, ranks=2",
        e.getMessage());
  }
}
