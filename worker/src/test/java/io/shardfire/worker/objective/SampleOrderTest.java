package io.shardfire.worker.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.data.DataException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleOrderTest {
  @Test
  void shouldVisitEveryWindowOncePerEpoch() {
    SampleOrder order = new SampleOrder(1003, 7, 42);
    assertEquals(124, order.windows());
    for (long epoch = 0; epoch < 5; epoch++) {
      Set<Long> windows = new HashSet<>();
      Set<Long> offsets = new HashSet<>();
      for (long i = 0; i < order.windows(); i++) {
        long position = order.position(epoch * order.windows() + i);
        assertTrue(position >= 0 && position + 8 <= 1003, "position=" + position);
        windows.add(position / 8);
        offsets.add(position % 8);
      }
      assertEquals(order.windows(), windows.size());
      assertEquals(1, offsets.size());
    }
  }

  @Test
  void shouldShuffleAndShiftEveryEpochDifferently() {
    SampleOrder order = new SampleOrder(10_000, 7, 42);
    List<Long> offsets = new ArrayList<>();
    for (long epoch = 0; epoch < 20; epoch++) {
      offsets.add(order.position(epoch * order.windows()) % 8);
    }
    assertTrue(new HashSet<>(offsets).size() > 4, offsets.toString());
    assertNotEquals(order.position(3) / 8, order.position(order.windows() + 3) / 8);
  }

  @Test
  void shouldDependOnTheSeed() {
    assertNotEquals(
        new SampleOrder(100_000, 7, 1).position(0), new SampleOrder(100_000, 7, 2).position(0));
  }

  @Test
  void shouldUseTheOnlyWindowOfATinySplit() {
    SampleOrder order = new SampleOrder(8, 7, 1);
    assertEquals(0, order.position(0));
    assertEquals(0, order.position(99));
    SampleOrder two = new SampleOrder(15, 7, 1);
    for (int i = 0; i < 50; i++) {
      assertTrue(two.position(i) <= 7);
    }
  }

  @Test
  void shouldRefuseASplitShorterThanASequence() {
    DataException e = assertThrows(DataException.class, () -> new SampleOrder(7, 7, 1));
    assertTrue(e.getMessage().endsWith("trainTokens=7, context=7"), e.getMessage());
  }
}
