package io.shardfire.worker.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

class KeyedPermutationTest {
  @Test
  void shouldVisitEveryElementOnce() {
    for (int size : new int[] {1, 2, 3, 4, 5, 17, 64, 65, 1000, 4097}) {
      KeyedPermutation permutation = new KeyedPermutation(size * 31L, size);
      BitSet seen = new BitSet();
      for (int i = 0; i < size; i++) {
        seen.set((int) permutation.apply(i));
      }
      assertEquals(size, seen.cardinality());
      assertEquals(size, seen.length());
    }
  }

  @Test
  void shouldDependOnTheKey() {
    int equal = 0;
    for (int i = 0; i < 1000; i++) {
      if (new KeyedPermutation(1, 1000).apply(i) == new KeyedPermutation(2, 1000).apply(i)) {
        equal++;
      }
    }
    assertTrue(equal < 10, "equal=" + equal);
  }

  @Test
  void shouldScatterNeighbours() {
    KeyedPermutation permutation = new KeyedPermutation(3, 1 << 16);
    double distance = 0;
    for (int i = 1; i < 10_000; i++) {
      distance += Math.abs(permutation.apply(i) - permutation.apply(i - 1));
    }
    // Two independent uniform numbers are a third of the range apart on average.
    assertEquals((1 << 16) / 3.0, distance / 9999, 600);
  }

  @Test
  void shouldWorkOnHugeRanges() {
    KeyedPermutation permutation = new KeyedPermutation(9, (1L << 40) + 1);
    long index = permutation.apply(1L << 40);
    assertTrue(index >= 0 && index <= 1L << 40, "index=" + index);
  }

  @Test
  void shouldRefuseAnEmptyRange() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new KeyedPermutation(0, 0));
    assertTrue(e.getMessage().endsWith("size=0"), e.getMessage());
  }
}
