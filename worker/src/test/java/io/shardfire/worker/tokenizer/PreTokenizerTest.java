package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Parity with the native library, whose word ids tell which piece a token belongs to. */
class PreTokenizerTest {
  private static final String BYTES_ONLY =
      TokenizerJson.byteLevelBpe(ByteLevel.alphabet(), List.of());

  @Test
  void shouldSplitEnglish() {
    assertEquals(
        List.of("It", "'s", " 42", "!", " ", " Yes", " ...", "\n\n", "\n", "we", "'ll", " "),
        PreTokenizer.split("It's 42!  Yes ...\n\n\nwe'll "));
  }

  @Test
  void shouldAgreeWithTheLibraryOnTrickyText() {
    try (HuggingFaceTokenizer library = NativeTokenizers.create(BYTES_ONLY)) {
      for (String text : SampleTexts.TRICKY) {
        assertAgrees(library, text);
      }
    }
  }

  @Test
  void shouldAgreeWithTheLibraryOnRandomMixtures() {
    SplittableRandom random = new SplittableRandom(7);
    String[] parts = {
      " ",
      "  ",
      "\n",
      "\t",
      "\u00A0",
      "\u3000",
      "a",
      "Zz",
      "\u00E9",
      "\u65E5",
      "7",
      "\u00BD",
      "'s",
      "'",
      "'re",
      "!",
      "\u2014",
      "\uD83D\uDE00",
      "\u0301",
      "\u200B",
      "\u0085",
      "\uD835\uDD38",
      "'ll"
    };
    try (HuggingFaceTokenizer library = NativeTokenizers.create(BYTES_ONLY)) {
      for (int round = 0; round < 500; round++) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(1, 30);
        for (int i = 0; i < length; i++) {
          text.append(parts[random.nextInt(parts.length)]);
        }
        assertAgrees(library, text.toString());
      }
    }
  }

  /** Every assigned plane in steps of an odd stride, and each end of the added ranges. */
  @Test
  void shouldClassifyCodePointsAsTheLibrary() {
    List<Integer> codePoints = new ArrayList<>();
    for (int c = 1; c < 0x34000; c += c < 0x2000 ? 1 : 7) {
      codePoints.add(c);
    }
    for (int c :
        new int[] {0x8C8, 0xA7DC, 0x10D4A, 0x10D49, 0x16D70, 0x1E5F1, 0x1E5FA, 0x2EE5D, 0x323AF}) {
      codePoints.add(c);
    }
    try (HuggingFaceTokenizer library = NativeTokenizers.create(BYTES_ONLY)) {
      List<String> batch = new ArrayList<>();
      for (int c : codePoints) {
        if (c < 0xD800 || c > 0xDFFF) {
          String s = Character.toString(c);
          batch.add(s + "a" + s + "1" + s + "!" + s);
        }
      }
      Encoding[] encodings = library.batchEncode(batch, false, false);
      for (int i = 0; i < encodings.length; i++) {
        assertEquals(
            pieces(encodings[i], batch.get(i)), PreTokenizer.split(batch.get(i)), batch.get(i));
      }
    }
  }

  private static void assertAgrees(HuggingFaceTokenizer library, String text) {
    assertEquals(pieces(library.encode(text, false, false), text), PreTokenizer.split(text));
  }

  /** Each token is one byte, so the word ids cut the text's bytes. */
  private static List<String> pieces(Encoding encoding, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long[] words = encoding.getWordIds();
    assertEquals(bytes.length, words.length);
    List<String> pieces = new ArrayList<>();
    int begin = 0;
    for (int i = 1; i <= words.length; i++) {
      if (i == words.length || words[i] != words[begin]) {
        pieces.add(new String(bytes, begin, i - begin, StandardCharsets.UTF_8));
        begin = i;
      }
    }
    return pieces;
  }
}
