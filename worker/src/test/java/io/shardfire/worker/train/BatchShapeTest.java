package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BatchShapeTest {
  @Test
  void shouldGiveEveryRankContiguousShards() {
    BatchShape batch = shape(8, 2);
    assertEquals(4, batch.shardsPerRank());
    assertEquals(4, batch.firstShard(1));
    assertEquals(8L * 2 * 9, batch.tokensPerStep());
  }

  @Test
  void shouldNumberSequencesAlikeForEveryWorldSize() {
    assertEquals(shape(8, 1).firstSequence(5, 3, 0), shape(8, 4).firstSequence(5, 3, 0));
    assertEquals(5 * 16 + 3 * 2, shape(8, 1).firstSequence(5, 3, 0));
  }

  @Test
  void shouldTakeOneShardPerRankByDefault() {
    assertEquals(3, shape(0, 3).logicalShards());
  }

  @Test
  void shouldAllowAnyNumberOfShardsOnOneRank() {
    assertEquals(7, shape(7, 1).shardsPerRank());
  }

  @Test
  void shouldRefuseShardsThatRanksCannotShare() {
    assertRefused(3, 2);
    assertRefused(6, 2);
    assertRefused(2, 4);
  }

  private static void assertRefused(int shards, int worldSize) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> shape(shards, worldSize));
    assertTrue(
        e.getMessage().endsWith("logicalShards=" + shards + ", worldSize=" + worldSize),
        e.getMessage());
  }

  private static BatchShape shape(int shards, int worldSize) {
    TrainingBuilder training = TestTraining.usual();
    training.logicalShards(shards);
    return BatchShape.of(training.build(), 9, worldSize);
  }
}
