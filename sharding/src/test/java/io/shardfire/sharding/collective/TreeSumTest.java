package io.shardfire.sharding.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeSumTest {
  private static float[][] leaves(int count, int length, int seed) {
    Random random = new Random(seed);
    float[][] leaves = new float[count][length];
    for (float[] leaf : leaves) {
      for (int i = 0; i < length; i++) {
        leaf[i] = (random.nextFloat() - 0.5f) * (1 << random.nextInt(20));
      }
    }
    return leaves;
  }

  private static float naive(float[][] leaves, int i, int first, int count) {
    if (count == 1) {
      return leaves[first][i];
    }
    int left = 1;
    while (left * 2 < count) {
      left *= 2;
    }
    return naive(leaves, i, first, left) + naive(leaves, i, first + left, count - left);
  }

  private static float[] sum(float[]... leaves) {
    float[] result = new float[leaves[0].length];
    TreeSum.sum(leaves, new int[leaves.length], result.length, result, 0);
    return result;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 31, 100})
  void shouldMatchTheRecursiveTreeBitForBit(int count) {
    for (int length : new int[] {1, 7, 511, 512, 513, 1500}) {
      float[][] leaves = leaves(count, length, count * 31 + length);
      float[] expected = new float[length];
      for (int i = 0; i < length; i++) {
        expected[i] = naive(leaves, i, 0, count);
      }

      assertArrayEquals(expected, sum(leaves), "leaves=" + count + ", length=" + length);
    }
  }

  @Test
  void shouldSumTheDeepestTree() {
    float[][] leaves = new float[TreeSum.MAX_LEAVES][];
    Arrays.fill(leaves, new float[] {1f});

    assertArrayEquals(new float[] {TreeSum.MAX_LEAVES}, sum(leaves));
  }

  @Test
  void shouldGiveTheSameBitsWhenAlignedGroupsAreSummedFirst() {
    for (int perRank : new int[] {1, 2, 4, 8}) {
      for (int ranks = 1; ranks <= 7; ranks++) {
        float[][] leaves = leaves(ranks * perRank, 700, ranks);
        float[][] groups = new float[ranks][];
        for (int r = 0; r < ranks; r++) {
          groups[r] = sum(Arrays.copyOfRange(leaves, r * perRank, (r + 1) * perRank));
        }

        assertArrayEquals(sum(leaves), sum(groups), "ranks=" + ranks + ", perRank=" + perRank);
      }
    }
  }

  @Test
  void shouldDifferFromASequentialSum() {
    float[][] leaves = leaves(8, 500, 5);
    float[] sequential = new float[500];
    for (float[] leaf : leaves) {
      for (int i = 0; i < leaf.length; i++) {
        sequential[i] += leaf[i];
      }
    }

    assertTrue(!Arrays.equals(sequential, sum(leaves)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 6, 7})
  void shouldWriteOverAnyContribution(int count) {
    for (int target = 0; target < count; target++) {
      float[][] leaves = leaves(count, 1100, 9);
      float[] expected = sum(leaves);

      TreeSum.sum(leaves, new int[count], 1100, leaves[target], 0);

      assertArrayEquals(expected, leaves[target]);
    }
  }

  @Test
  void shouldHonourOffsetsAndLeaveTheRestAlone() {
    float[] all = {1, 2, 3, 10, 20, 30};
    float[] target = {-1, -1, -1, -1};

    TreeSum.sum(new float[][] {all, all}, new int[] {0, 3}, 2, target, 1);

    assertArrayEquals(new float[] {-1, 11, 22, -1}, target);
  }

  @Test
  void shouldRefuseAnOverlapAtAnotherOffset() {
    float[] data = new float[10];

    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> TreeSum.sum(new float[][] {data, data}, new int[] {0, 5}, 5, data, 3));

    assertEquals(
        "The destination overlaps a contribution at another offset: contribution=0, offset=0,"
            + " destinationOffset=3, length=5",
        error.getMessage());
  }

  @Test
  void shouldCheckBoundsAndCounts() {
    float[][] one = {new float[4]};

    assertThrows(
        IndexOutOfBoundsException.class, () -> TreeSum.sum(one, new int[] {1}, 4, new float[4], 0));
    assertThrows(
        IndexOutOfBoundsException.class, () -> TreeSum.sum(one, new int[] {0}, 4, new float[4], 1));
    assertEquals(
        "A sum has 1 to 16384 contributions, each with an offset: contributions=0, offsets=0",
        assertThrows(
                IllegalArgumentException.class,
                () -> TreeSum.sum(new float[0][], new int[0], 0, new float[0], 0))
            .getMessage());
  }
}
