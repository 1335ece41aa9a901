package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class VisibleTextTest {
  @Test
  void shouldKeepEverythingOnOneLineAndVisible() {
    assertEquals("␣whale␊␉␀␡é😀", VisibleText.of(" whale\n\t\u0000\u007Fé😀"));
  }
}
