package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class ByteLevelTest {
  @Test
  void shouldMapKnownBytes() {
    assertEquals('!', ByteLevel.letter((byte) '!'));
    assertEquals('\u0120', ByteLevel.letter((byte) ' '));
    assertEquals('\u010A', ByteLevel.letter((byte) '\n'));
    assertEquals('\u0100', ByteLevel.letter((byte) 0));
    assertEquals('\u0143', ByteLevel.letter((byte) 0xAD));
    assertEquals('\u00FF', ByteLevel.letter((byte) 0xFF));
  }

  @Test
  void shouldGiveEveryByteItsOwnLetter() {
    HashSet<Character> letters = new HashSet<>();
    for (int value = 0; value < 256; value++) {
      char letter = ByteLevel.letter((byte) value);
      assertTrue(letters.add(letter), "letter=" + letter);
      assertEquals((byte) value, ByteLevel.value(letter));
    }
  }

  @Test
  void shouldOrderTheAlphabetAsGpt2() {
    assertEquals(256, ByteLevel.alphabet().size());
    assertEquals("!", ByteLevel.alphabet().get(0));
    assertEquals("\u0120", ByteLevel.alphabet().get(220));
    assertEquals("\u0143", ByteLevel.alphabet().get(255));
  }

  @Test
  void shouldRoundTripText() {
    assertEquals("caf\u00C3\u00A9\u0120x", ByteLevel.encode("caf\u00E9 x"));
    for (String text : SampleTexts.TRICKY) {
      assertEquals(text, ByteLevel.decode(ByteLevel.encode(text)));
    }
  }

  @Test
  void shouldRejectAnUnpairedSurrogate() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ByteLevel.encode("ab\uD83Dc"));
    assertTrue(e.getMessage().contains("character=U+D83D, position=2"), e.getMessage());
  }

  @Test
  void shouldRejectForeignLetters() {
    for (char foreign : new char[] {' ', '\n', '\u0144', '\u00AD'}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> ByteLevel.value(foreign));
      assertTrue(e.getMessage().contains("character=U+00") || foreign == '\u0144', e.getMessage());
    }
  }
}
