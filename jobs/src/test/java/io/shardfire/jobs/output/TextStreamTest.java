package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class TextStreamTest {
  private final StringWriter out = new StringWriter();
  private final TextStream stream = new TextStream(new Bytes(), new PrintWriter(out));

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
    for (int id : new Bytes().encode("aé€🙂z")) {
      stream.accept(id);
      seen.append(out.getBuffer().length()).append(' ');
    }

    assertEquals("aé€🙂z", out.toString());
    assertEquals("1 1 2 2 2 3 3 3 3 5 6 ", seen.toString());
  }

  @Test
  void shouldNotHoldBackForeverWhatIsNotText() {
    for (int i = 0; i < 4; i++) {
      stream.accept(0x80);
    }
    assertEquals("\uFFFD".repeat(4), out.toString());
  }

  @Test
  void shouldPrintTheRestAtTheEnd() {
    stream.accept('a');
    stream.accept(0xf0);
    stream.finish();

    assertEquals("a\uFFFD" + System.lineSeparator(), out.toString());
  }
}
