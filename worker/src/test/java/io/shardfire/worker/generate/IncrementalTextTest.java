package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class IncrementalTextTest {
  private final IncrementalText text = new IncrementalText(new Bytes());

  /** Each token is one byte. */
  private static final class Bytes implements Tokenizer {
    @Override
    public String json() {
      throw new AssertionError("not needed");
    }

    @Override
    public int vocabularySize() {
      return 256;
    }

    @Override
    public String vocabularyHash() {
      throw new AssertionError("not needed");
    }

    @Override
    public OptionalInt endOfText() {
      return OptionalInt.empty();
    }

    @Override
    public int[] encode(String text, SpecialTokens special) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int[] ids = new int[bytes.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = bytes[i] & 0xff;
      }
      return ids;
    }

    @Override
    public String decode(int[] ids) {
      byte[] bytes = new byte[ids.length];
      for (int i = 0; i < ids.length; i++) {
        bytes[i] = (byte) ids[i];
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
      throw new AssertionError("not needed");
    }

    @Override
    public String label(int id) {
      throw new AssertionError("not needed");
    }

    @Override
    public void close() {}
  }

  @Test
  void shouldHoldBackPartsOfACharacter() {
    StringBuilder seen = new StringBuilder();
    for (int id : new Bytes().encode("a\u00E9\u20AC\uD83D\uDE42z")) {
      seen.append(text.accept(id)).append('|');
    }
    assertEquals("a||\u00E9|||\u20AC||||\uD83D\uDE42|z|", seen.toString());
  }

  @Test
  void shouldNotHoldBackForeverWhatIsNotText() {
    StringBuilder seen = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      seen.append(text.accept(0x80));
    }
    assertEquals("\uFFFD".repeat(4), seen.toString());
  }

  @Test
  void shouldGiveTheRestAtTheEnd() {
    assertEquals("a", text.accept('a'));
    assertEquals("", text.accept(0xf0));
    assertEquals("\uFFFD", text.rest());
    assertEquals("", text.rest());
  }
}
