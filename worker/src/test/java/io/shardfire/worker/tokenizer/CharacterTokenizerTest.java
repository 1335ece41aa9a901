package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CharacterTokenizerTest {
  private static final String EVERYTHING = String.join("", SampleTexts.TRICKY);

  @Test
  void shouldNumberCharactersInCodePointOrder() {
    try (Tokenizer tokenizer =
        Tokenizer.fromJson(SampleVocabularies.characters("ba\n \uD83D\uDE00\uFFE6", false))) {
      assertEquals(6, tokenizer.vocabularySize());
      assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, tokenizer.encode("\n ab\uFFE6\uD83D\uDE00"));
      assertEquals(OptionalInt.empty(), tokenizer.endOfText());
    }
  }

  @Test
  void shouldRoundTripTrickyText() {
    try (Tokenizer tokenizer =
        Tokenizer.fromJson(SampleVocabularies.characters(EVERYTHING, true))) {
      for (String text : SampleTexts.TRICKY) {
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
      }
    }
  }

  @Test
  void shouldGiveTheIdsAndTextsOfTheLibrary() {
    String json = SampleVocabularies.characters(EVERYTHING, true);
    try (Tokenizer tokenizer = Tokenizer.fromJson(json);
        HuggingFaceTokenizer library = NativeTokenizers.create(json)) {
      for (String text : SampleTexts.TRICKY) {
        String marked = text + "<|endoftext|>" + text;
        int[] ids = tokenizer.encode(marked, SpecialTokens.PARSE);
        assertArrayEquals(
            library.encode(marked, false, false).getIds(),
            Arrays.stream(ids).asLongStream().toArray());
        assertEquals(
            library.decode(Arrays.stream(ids).asLongStream().toArray(), true),
            tokenizer.decode(ids));
      }
      assertThrows(RuntimeException.class, () -> library.encode("\u2603", false, false));
    }
  }

  @Test
  void shouldAppendTheEndOfText() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.characters("ab<", true))) {
      assertEquals(OptionalInt.of(3), tokenizer.endOfText());
      assertArrayEquals(
          new int[] {1, 3, 0}, tokenizer.encode("a<|endoftext|><", SpecialTokens.PARSE));
      assertEquals("a<", tokenizer.decode(new int[] {1, 3, 0}));
    }
  }

  @Test
  void shouldTakeATypedSpecialTokenForText() {
    String text = "a<|endoftext|>";
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.characters(text, true))) {
      int[] ids = tokenizer.encode(text);
      assertEquals(text.length(), ids.length);
      assertEquals(text, tokenizer.decode(ids));
    }
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.characters("ab<", true))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.encode(text));
      assertTrue(e.getMessage().contains("character=U+007C '|', position=2"), e.getMessage());
    }
  }

  @Test
  void shouldNameUnknownCharactersAndTheirPlace() {
    try (Tokenizer tokenizer =
        Tokenizer.fromJson(SampleVocabularies.characters("ab\uD83D\uDE00", false))) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> tokenizer.encode("a\uD83D\uDE00\u00E9b"));
      assertTrue(
          e.getMessage().contains("character=U+00E9 '\u00E9', position=2, known characters=3"),
          e.getMessage());
      e = assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("b\n"));
      assertTrue(e.getMessage().contains("character=U+000A, position=1"), e.getMessage());
    }
  }

  @Test
  void shouldKnowTheBytesOfEachToken() {
    try (Tokenizer tokenizer =
        Tokenizer.fromJson(SampleVocabularies.characters("a\uD83D\uDE00", true))) {
      assertArrayEquals(
          "\uD83D\uDE00".getBytes(StandardCharsets.UTF_8),
          tokenizer.bytes(tokenizer.encode("\uD83D\uDE00")[0]));
      assertEquals(0, tokenizer.bytes(2).length);
      assertEquals("a", tokenizer.label(0));
      assertEquals("<|endoftext|>", tokenizer.label(2));
    }
  }

  @Test
  void shouldRejectUnknownIds() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.characters("ab", false))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {-1}));
      assertTrue(e.getMessage().contains("id=-1, position=0, vocabularySize=2"), e.getMessage());
    }
  }
}
