package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void shouldTakeTheWidthFromTheLauncher() {
    assertEquals(
        new Terminal(true, 132), Terminal.detect(Map.of("SHARDFIRE_COLUMNS", "132"), false));
    assertEquals(new Terminal(true, 40), Terminal.detect(Map.of("SHARDFIRE_COLUMNS", "3"), false));
  }

  @Test
  void shouldFallBackToTheConsoleOfTheJvm() {
    assertEquals(
        new Terminal(true, 90), Terminal.detect(Map.of("TERM", "xterm", "COLUMNS", "90"), true));
    assertEquals(new Terminal(true, 100), Terminal.detect(Map.of("TERM", "xterm"), true));
    assertEquals(Terminal.PLAIN, Terminal.detect(Map.of("TERM", "xterm"), false));
    assertEquals(Terminal.PLAIN, Terminal.detect(Map.of(), true));
  }

  @Test
  void shouldNotUseEscapesOnADumbTerminal() {
    assertEquals(
        Terminal.PLAIN, Terminal.detect(Map.of("TERM", "dumb", "SHARDFIRE_COLUMNS", "120"), true));
  }

  @Test
  void shouldRefuseATerminalWithoutColumns() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new Terminal(true, 0));
    assertEquals("A terminal has at least one column: columns=0", e.getMessage());
  }
}
