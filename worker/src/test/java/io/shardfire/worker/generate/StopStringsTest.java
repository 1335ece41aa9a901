package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void shouldCutBeforeAStringThatComesInPieces() {
    StopStrings stops = new StopStrings(List.of("\n\nQ:", "END"));
    assertEquals("one", stops.accept("one"));
    assertEquals("", stops.accept("\n"));
    assertEquals("\ntwo", stops.accept("two"));
    assertEquals("", stops.accept("\n\n"));
    assertEquals("", stops.accept("Q"));
    assertFalse(stops.stopped());
    assertEquals("", stops.accept(": three"));
    assertTrue(stops.stopped());
    assertEquals("", stops.rest());
  }

  @Test
  void shouldPassOnWhatOnlyBeganLikeOne() {
    StopStrings stops = new StopStrings(List.of("aab"));
    assertEquals("", stops.accept("aa"));
    assertEquals("a", stops.accept("a"));
    assertEquals("aac", stops.accept("c"));
    assertEquals("", stops.accept("a"));
    assertEquals("a", stops.rest());
    assertFalse(stops.stopped());
  }

  @Test
  void shouldCutBeforeTheFirstOfSeveral() {
    StopStrings stops = new StopStrings(List.of("three", "two"));
    assertEquals("one ", stops.accept("one two three"));
    assertTrue(stops.stopped());
  }

  @Test
  void shouldFindTheSameWhereverTextIsCut() {
    String text = "abababcabcababab!";
    List<String> strings = List.of("ababa!", "abab!", "cabca!");
    for (int step = 1; step <= text.length(); step++) {
      StopStrings stops = new StopStrings(strings);
      StringBuilder passed = new StringBuilder();
      for (int from = 0; from < text.length() && !stops.stopped(); from += step) {
        passed.append(stops.accept(text.substring(from, Math.min(from + step, text.length()))));
      }
      assertEquals("abababcabcab", passed.toString());
    }
  }

  @Test
  void shouldPassEverythingOnWithoutStrings() {
    StopStrings stops = new StopStrings(List.of());
    assertEquals("abc", stops.accept("abc"));
    assertEquals("", stops.rest());
  }
}
