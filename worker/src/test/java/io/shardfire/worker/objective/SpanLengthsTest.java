package io.shardfire.worker.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SpanLengthsTest {
  /** The numbers of T5: 568 tokens give a source of 512 and a target of 114. */
  @Test
  void shouldFillTheSourceAsT5Does() {
    SpanLengths lengths = SpanLengths.of(512, 0.15, 3);
    assertEquals(568, lengths.stretch());
    assertEquals(512, lengths.source());
    assertEquals(114, lengths.target());
  }

  @Test
  void shouldNeverPassTheSourceNorCutAllOut() {
    for (int source = 3; source < 200; source++) {
      for (double share : new double[] {0.01, 0.15, 0.5, 0.9}) {
        SpanLengths lengths = SpanLengths.of(source, share, 3);
        assertTrue(lengths.source() <= source, lengths.toString());
        assertTrue(lengths.noise() >= 1 && lengths.noise() < lengths.stretch());
        assertTrue(
            lengths.spans() <= lengths.noise()
                && lengths.spans() <= lengths.stretch() - lengths.noise(),
            lengths.toString());
      }
    }
    assertThrows(IllegalArgumentException.class, () -> SpanLengths.of(2, 0.15, 3));
  }

  /** Five items have six ways to be three parts. */
  @Test
  void shouldPartInEveryWayAlike() {
    Map<String, Integer> ways = new TreeMap<>();
    int[] lengths = new int[3];
    for (long key = 0; key < 6000; key++) {
      SpanCorruption.part(key, 5, 3, lengths);
      assertEquals(5, Arrays.stream(lengths).sum());
      ways.merge(Arrays.toString(lengths), 1, Integer::sum);
    }
    assertEquals(6, ways.size());
    ways.values().forEach(count -> assertEquals(1000, count, 130));
  }
}
