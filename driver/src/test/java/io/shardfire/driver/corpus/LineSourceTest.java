package io.shardfire.driver.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LineSourceTest {
  @Test
  void shouldCutAtLineFeedsAndCountFromTheStart() throws IOException {
    LineSource lines = source("a\r\n\nb\rc\r\r\nd", 100, 1000);

    assertLine("a", 100, 103, lines);
    assertLine("", 103, 104, lines);
    assertLine("b\rc\r", 104, 110, lines);
    assertLine("d", 110, 111, lines);
    assertFalse(lines.next());
  }

  @Test
  void shouldReadLinesLongerThanItsBuffer() throws IOException {
    String line = "x".repeat(200_001);
    LineSource lines = source(line + "\ny", 0, 200_001);

    assertLine(line, 0, 200_002, lines);
    assertLine("y", 200_002, 200_003, lines);
  }

  @Test
  void shouldRefuseLinesThatAreTooLong() throws IOException {
    LineSource lines = source("ab\nabcd\n", 0, 3);

    assertTrue(lines.next());
    assertEquals(
        "Line too long: file=f offset=3 maximum-bytes=3. Break the text into lines, or check that"
            + " this is a text file",
        assertThrows(MalformedDocumentException.class, lines::next).getMessage());
  }

  private static LineSource source(String text, long start, int maximumBytes) {
    return new LineSource("f", new ByteArrayInputStream(text.getBytes(UTF_8)), start, maximumBytes);
  }

  private static void assertLine(String text, long offset, long nextOffset, LineSource lines)
      throws IOException {
    assertTrue(lines.next());
    assertEquals(text, new String(lines.bytes(), 0, lines.length(), UTF_8));
    assertEquals(offset, lines.offset());
    assertEquals(nextOffset, lines.nextOffset());
  }
}
