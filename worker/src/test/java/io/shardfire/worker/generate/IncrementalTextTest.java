package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncrementalTextTest {
  private final IncrementalText text = new IncrementalText(new Bytes());

  /** Each token is one byte. */
  private static final class Bytes implements Tokenizer {
    @Override
    public TokenizerFiles files() {
      throw new AssertionError("not needed");
    }

    @Override
    public OptionalInt beginOfText() {
      return OptionalInt.empty();
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

  /** Spaces and marks between words depend on what stands before. */
  @ParameterizedTest
  @ValueSource(strings = {"word-piece", "unigram", "byte-fallback", "byte-level"})
  void shouldGiveTheTextOfAllTokensTogether(String kind) throws IOException {
    try (InputStream in =
            getClass().getResourceAsStream("/tokenizers/" + kind + "/tokenizer.json");
        Tokenizer tokenizer =
            Tokenizer.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8))) {
      int[] ids =
          tokenizer.encode("The lion, a large animal; \u20AC 12: a\u0301 and \uD83D\uDE42!");
      String whole = tokenizer.decode(ids);
      for (int prompt = 0; prompt < 4; prompt++) {
        int[] given = Arrays.copyOf(ids, prompt);
        IncrementalText continued = new IncrementalText(tokenizer, given);
        StringBuilder seen = new StringBuilder(tokenizer.decode(given));
        for (int i = prompt; i < ids.length; i++) {
          seen.append(continued.accept(ids[i]));
        }
        assertEquals(whole, seen.append(continued.rest()).toString());
      }
    }
  }
}
