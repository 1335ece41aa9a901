package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class GeneratedTextTest {
  private final Tokenizer tokenizer =
      Tokenizer.fromJson(
          TokenizerJson.characters(
              new TreeSet<>("hi<|im_end|>\n".chars().boxed().toList()), AddedTokens.CHAT.tokens()));

  /** The text of what comes before the end, and whether there was one. */
  private String generated(boolean ends, List<String> stops, int... tokens) {
    GeneratedText text = new GeneratedText(tokenizer, stops);
    StringBuilder passed = new StringBuilder();
    for (int token : tokens) {
      passed.append(text.accept(token));
      if (text.stopped()) {
        break;
      }
    }
    assertEquals(ends, text.stopped());
    passed.append(text.end());
    assertEquals(text.text(), passed.toString());
    return passed.toString();
  }

  @Test
  void shouldEndBeforeASpecialTokenThatIsNamed() {
    int[] tokens = tokenizer.encode("hi<|im_end|>\nhi", SpecialTokens.PARSE);

    assertEquals("hi", generated(true, List.of("<|im_end|>"), tokens));
    assertEquals("hi", generated(true, List.of("x", "<|im_end|>", "ih"), tokens));
    assertEquals("hi\nhi", generated(false, List.of("<|im_start|>"), tokens));
    assertEquals("h", generated(true, List.of("i", "<|im_end|>"), tokens));
  }

  @Test
  void shouldEndBeforeTheSameCharactersToo() {
    int[] tokens = tokenizer.encode("hi<|im_end|>\nhi", SpecialTokens.TEXT);

    assertTrue(tokens.length > 6);
    assertEquals("hi", generated(true, List.of("<|im_end|>"), tokens));
  }

  @Test
  void shouldPassOnWhatWasHeldBackBeforeASpecialToken() {
    int[] tokens = tokenizer.encode("hi<|im_end|>", SpecialTokens.PARSE);

    // The i could have begun the other stop string.
    assertEquals("hi", generated(true, List.of("in", "<|im_end|>"), tokens));
    assertFalse(tokenizer.decode(tokens).contains("<"));
  }
}
