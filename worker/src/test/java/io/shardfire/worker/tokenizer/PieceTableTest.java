package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PieceTableTest {
  @Test
  void shouldNumberPiecesInTheOrderInWhichTheyCome() {
    SplittableRandom random = new SplittableRandom(3);
    PieceTable table = new PieceTable();
    for (int round = 0; round < 2; round++) {
      Map<String, Integer> expected = new LinkedHashMap<>();
      for (int i = 0; i < 20_000; i++) {
        // Half of the pieces differ in their last character only, some are of the second plane.
        String piece = i % 3 == 0 ? "same" : Integer.toString(random.nextInt(3000));
        piece += random.nextInt(20) == 0 ? "\uD83D\uDE00" : (char) ('a' + random.nextInt(3));
        int number = expected.computeIfAbsent(piece, key -> expected.size());
        assertEquals(number, table.add("<" + piece + ">", 1, 1 + piece.length()));
      }
      assertEquals(expected.size(), table.size());
      assertEquals(expected.keySet().stream().mapToInt(String::length).sum(), table.length());
      expected.forEach((piece, number) -> assertEquals(piece, table.piece(number)));
      table.clear();
      assertEquals(0, table.size());
      assertEquals(0, table.length());
    }
  }

  /** "Aa" and "BB" have the same polynomial. */
  @Test
  void shouldTellPiecesOfOneHashApart() {
    PieceTable table = new PieceTable();
    assertEquals(0, table.add("Aa", 0, 2));
    assertEquals(1, table.add("BB", 0, 2));
    assertEquals(0, table.add("xAa", 1, 3));
    assertEquals(2, table.add("", 0, 0));
    assertEquals("BB", table.piece(1));
  }
}
