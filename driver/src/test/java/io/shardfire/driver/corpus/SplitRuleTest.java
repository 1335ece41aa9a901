package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitRuleTest {
  @Test
  void shouldSendAboutTheFractionToValidation() throws IOException {
    SplitRule rule = new SplitRule.Hashed(0.1, 1337);
    int validation = 0;
    for (int i = 0; i < 10_000; i++) {
      validation += assign(rule, "document " + i, "\n", 0).get(0).startsWith("VALIDATION") ? 1 : 0;
    }

    assertTrue(validation > 900 && validation < 1100, "validation=" + validation);
  }

  @Test
  void shouldHashTheTextAloneAndWithTheSeed() throws IOException {
    StringBuilder first = new StringBuilder();
    StringBuilder moved = new StringBuilder();
    StringBuilder reseeded = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      String text = "document " + i;
      first.append(assign(new SplitRule.Hashed(0.5, 1), text, "", 0).get(0).charAt(0));
      moved.append(assign(new SplitRule.Hashed(0.5, 1), text, "\n\n", 9).get(0).charAt(0));
      reseeded.append(assign(new SplitRule.Hashed(0.5, 2), text, "", 0).get(0).charAt(0));
    }

    assertEquals(first.toString(), moved.toString());
    assertNotEquals(first.toString(), reseeded.toString());
  }

  @Test
  void shouldStayAsItIs() {
    assertEquals(0x80750d003d3bb5fbL, TextHash.of("entity", 0));
  }

  @Test
  void shouldKeepValidationEmptyAtFractionZero() throws IOException {
    for (int i = 0; i < 1000; i++) {
      assertEquals(
          List.of("TRAIN a" + i + " true"), assign(new SplitRule.Hashed(0, i), "a" + i, "", 0));
    }
  }

  @Test
  void shouldCutTheTextAtACodePoint() throws IOException {
    SplitRule rule = SplitRule.Contiguous.of(0.1, 39);
    assertEquals(new SplitRule.Contiguous(35), rule);

    assertEquals(List.of("TRAIN abc\n true"), assign(rule, "abc", "\n", 31));
    assertEquals(
        List.of("TRAIN \uD83D\uDE00b false", "VALIDATION c\n true"),
        assign(rule, "\uD83D\uDE00bc", "\n", 33));
    assertEquals(List.of("TRAIN abc false", "VALIDATION \n true"), assign(rule, "abc", "\n", 32));
    assertEquals(List.of("VALIDATION abc\n true"), assign(rule, "abc", "\n", 35));
  }

  private static List<String> assign(SplitRule rule, String text, String separator, long position)
      throws IOException {
    List<String> stretches = new ArrayList<>();
    rule.assign(
        text,
        separator,
        position,
        (split, stretch, last) -> stretches.add(split + " " + stretch + " " + last));
    return stretches;
  }
}
