package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Ids put together of pieces, against the library's ids of the whole text. */
class PieceEncoderTest {
  private static final String[] PARTS = {
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\u00A0",
    "\u3000",
    "\u0085",
    "a",
    "the",
    " the",
    "in",
    "ain",
    "\u00E9",
    "\u65E5",
    "7",
    "42",
    "\u00BD",
    "'s",
    "'",
    "'re",
    "'ll",
    "!",
    "...",
    "\u2014",
    "\uD83D\uDE00",
    "\u0301",
    "\u200B",
    "\uD835\uDD38",
    "\u0000",
    "\uFFFD",
    "\uFDD0",
    "<|",
    "<|endoftext|>",
    "\uD802\uDD40",
    "x".repeat(PieceEncoder.LONGEST + 1),
    "-".repeat(300)
  };

  private static long[] library(HuggingFaceTokenizer library, String text) {
    return library.encode(text, false, false).getIds();
  }

  private static String mixture(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(40);
    for (int i = 0; i < length; i++) {
      text.append(PARTS[random.nextInt(PARTS.length)]);
    }
    return text.toString();
  }

  @Test
  void shouldGiveTheIdsOfTheWholeText() {
    String json = SampleVocabularies.bytePairs();
    TokenizerDocument document = TokenizerDocument.parse(json);
    assertTrue(document.piecewise());
    SplittableRandom random = new SplittableRandom(11);
    try (HuggingFaceTokenizer parsed = NativeTokenizers.create(json);
        HuggingFaceTokenizer plain =
            NativeTokenizers.create(HiddenSpecialTokens.in(json, document));
        Tokenizer tokenizer = Tokenizer.fromJson(json)) {
      for (int round = 0; round < 2000; round++) {
        String text = mixture(random);
        assertArrayEquals(library(plain, text), longs(tokenizer.encode(text)), text);
        assertArrayEquals(
            library(parsed, text), longs(tokenizer.encode(text, SpecialTokens.PARSE)), text);
      }
    }
  }

  private static long[] longs(int[] ids) {
    return Arrays.stream(ids).asLongStream().toArray();
  }

  @Test
  void shouldAskOnceForEachPieceUntilItIsFull() {
    AtomicInteger asked = new AtomicInteger();
    PieceEncoder encoder =
        new PieceEncoder(
            piece -> {
              asked.incrementAndGet();
              return piece.chars().toArray();
            });
    String text = "one two one two" + " z".repeat(50) + "y".repeat(PieceEncoder.LONGEST + 1);
    assertArrayEquals(text.chars().toArray(), encoder.encode(text));
    assertEquals(5, asked.get());
    assertArrayEquals(text.chars().toArray(), encoder.encode(text));
    assertEquals(6, asked.get(), "long pieces are not kept");
    for (int i = 0; i <= PieceEncoder.PIECES; i++) {
      String number = "n" + Integer.toString(i, 36).replaceAll("[0-9]", "\u00E9$0");
      assertArrayEquals(number.chars().toArray(), encoder.encode(number), number);
    }
    assertArrayEquals(text.chars().toArray(), encoder.encode(text));
  }

  @Test
  void shouldBeAskedAgainForWhatFailed() {
    AtomicInteger asked = new AtomicInteger();
    PieceEncoder encoder =
        new PieceEncoder(
            piece -> {
              if (asked.incrementAndGet() == 2) {
                throw new IllegalArgumentException("no");
              }
              return new int[] {asked.get()};
            });
    assertThrows(IllegalArgumentException.class, () -> encoder.encode("one two"));
    assertArrayEquals(new int[] {3, 4}, encoder.encode("one two"));
  }

  /** Whatever else the library looks at, texts go to it as a whole. */
  @Test
  void shouldSuitTheFormOfGpt2Only() {
    String json = SampleVocabularies.bytePairs();
    assertUnsuited(json.replace("\"normalizer\" : null", "\"normalizer\" : {\"type\":\"NFC\"}"));
    // The pre-tokenizer is the first of those that have these fields.
    assertUnsuited(
        json.replaceFirst("\"add_prefix_space\" : false", "\"add_prefix_space\" : true"));
    assertUnsuited(json.replaceFirst("\"add_prefix_space\" : false,", ""));
    assertUnsuited(json.replaceFirst("\"use_regex\" : true", "\"use_regex\" : false"));
    assertUnsuited(json.replace("\"special\" : true", "\"special\" : false"));
  }

  private static void assertUnsuited(String json) {
    assertNotEquals(SampleVocabularies.bytePairs(), json, "nothing was replaced");
    assertFalse(TokenizerDocument.parse(json).piecewise(), json);
  }
}
