package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BytePairTokenizerTest {
  @Test
  void shouldApplyMergesInOrder() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      assertEquals(263, tokenizer.vocabularySize());
      // "the", " the", "in" and the accented letter are products; ids follow the 256 letters.
      assertArrayEquals(
          new int[] {257, 258, 220, 259, 260, 261}, tokenizer.encode("the the in\u00E9ain"));
    }
  }

  @Test
  void shouldRoundTripTrickyText() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      for (String text : SampleTexts.TRICKY) {
        assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
      }
    }
  }

  @Test
  void shouldNotCutLongText() {
    String text = "the rain in the main ".repeat(1000);
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      int[] ids = tokenizer.encode(text);
      assertTrue(ids.length > 10_000, "tokens=" + ids.length);
      assertEquals(text, tokenizer.decode(ids));
    }
  }

  @Test
  void shouldIgnoreTruncationAndPaddingOfTheFile() {
    String json =
        SampleVocabularies.bytePairs()
            .replace(
                "\"truncation\" : null",
                "\"truncation\" : {\"direction\":\"Right\",\"max_length\":4,"
                    + "\"strategy\":\"LongestFirst\",\"stride\":0}")
            .replace(
                "\"padding\" : null",
                "\"padding\" : {\"strategy\":{\"Fixed\":64},\"direction\":\"Right\","
                    + "\"pad_to_multiple_of\":null,\"pad_id\":0,\"pad_type_id\":0,"
                    + "\"pad_token\":\"!\"}");
    assertTrue(json.contains("LongestFirst") && json.contains("Fixed"));
    try (Tokenizer tokenizer = Tokenizer.fromJson(json)) {
      assertEquals(9, tokenizer.encode("xyzxyzxyz").length);
    }
  }

  @Test
  void shouldKnowTheEndOfText() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      assertEquals(OptionalInt.of(262), tokenizer.endOfText());
      assertArrayEquals(new int[] {262}, tokenizer.encode("<|endoftext|>", SpecialTokens.PARSE));
      assertEquals("the", tokenizer.decode(new int[] {257, 262}));
    }
  }

  @Test
  void shouldTakeATypedSpecialTokenForText() {
    String json = SampleVocabularies.bytePairs();
    try (Tokenizer tokenizer = Tokenizer.fromJson(json);
        HuggingFaceTokenizer library = NativeTokenizers.create(json)) {
      // The library finds no special token in a part of one, and BPE never merges across pieces.
      long[] pieces =
          Stream.of("the", "<|", "endoftext", "|>", " the")
              .flatMapToLong(piece -> LongStream.of(library.encode(piece, false, false).getIds()))
              .toArray();
      int[] ids = tokenizer.encode("the<|endoftext|> the");
      assertArrayEquals(pieces, IntStream.of(ids).asLongStream().toArray());
      assertEquals("the<|endoftext|> the", tokenizer.decode(ids));
    }
  }

  @Test
  void shouldKnowTheBytesOfEachToken() {
    String text = String.join("", SampleTexts.TRICKY);
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      IntStream.of(tokenizer.encode(text)).forEach(id -> bytes.writeBytes(tokenizer.bytes(id)));

      assertEquals(text, bytes.toString(StandardCharsets.UTF_8));
      int endOfText = tokenizer.endOfText().orElseThrow();
      assertEquals(0, tokenizer.bytes(endOfText).length);
      assertThrows(IllegalArgumentException.class, () -> tokenizer.bytes(263));
      assertEquals("<|endoftext|>", tokenizer.label(endOfText));
      assertEquals(" the", tokenizer.label(258));
      // The first byte of a character of two.
      assertEquals("<0xC3>", tokenizer.label(tokenizer.encode("\u00E8")[0]));
      assertEquals("<id 263>", tokenizer.label(263));
    }
  }

  @Test
  void shouldTakeAnAddedTokenAsItIsWritten() {
    assertArrayEquals(new byte[] {'a', ' ', 'b'}, ByteLevel.bytes("a b"));
    assertArrayEquals(new byte[] {' ', 'b'}, ByteLevel.bytes("\u0120b"));
  }

  @Test
  void shouldReadSpecialTokensAsTheLibraryDoesWhereAsked() {
    String json = SampleVocabularies.bytePairs();
    try (Tokenizer tokenizer = Tokenizer.fromJson(json);
        HuggingFaceTokenizer library = NativeTokenizers.create(json)) {
      for (String text : SampleTexts.TRICKY) {
        String marked = text + "<|endoftext|>" + text;
        assertArrayEquals(
            library.encode(marked, false, false).getIds(),
            IntStream.of(tokenizer.encode(marked, SpecialTokens.PARSE)).asLongStream().toArray());
        assertArrayEquals(
            library.encode(text, false, false).getIds(),
            IntStream.of(tokenizer.encode(text)).asLongStream().toArray());
        assertEquals(marked, tokenizer.decode(tokenizer.encode(marked)));
      }
    }
  }

  @Test
  void shouldEncodeFromManyThreadsAlike() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      int[] expected = tokenizer.encode("the main rain");
      IntStream.range(0, 1000)
          .parallel()
          .forEach(i -> assertArrayEquals(expected, tokenizer.encode("the main rain")));
    }
  }

  @Test
  void shouldRejectAnUnpairedSurrogate() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("x\uDE00"));
      assertTrue(e.getMessage().contains("character=U+DE00, position=1"), e.getMessage());
    }
  }

  @Test
  void shouldRejectUnknownIds() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {1, 263}));
      assertTrue(e.getMessage().contains("id=263, position=1, vocabularySize=263"), e.getMessage());
    }
  }

  @Test
  void shouldReplaceBytesThatAreNotText() {
    try (Tokenizer tokenizer = Tokenizer.fromJson(SampleVocabularies.bytePairs())) {
      int[] ids = tokenizer.encode("\u00E8");
      assertEquals(2, ids.length);
      assertEquals("\uFFFD", tokenizer.decode(new int[] {ids[0]}));
    }
  }
}
