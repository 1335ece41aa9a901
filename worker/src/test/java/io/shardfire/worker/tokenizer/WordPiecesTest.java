package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WordPiecesTest {
  @Test
  void shouldJoinLettersAndDigitsOfCharacters() {
    String text = "a1 b,é_ü";
    TreeSet<Integer> characters =
        text.codePoints().boxed().collect(Collectors.toCollection(TreeSet::new));
    assertEquals(
        List.of("a1", " ", "b", ",", "é", "_", "ü"),
        words(TokenizerJson.characters(characters, AddedTokens.BERT.tokens()), text));
  }

  /** Bytes of one character stay together; a space begins a word. */
  @Test
  void shouldJoinPiecesOfBytes() {
    String json = TokenizerJson.byteLevelBpe(ByteLevel.alphabet(), List.of(), AddedTokens.BERT);
    assertEquals(List.of("naïve", " ", "1st", "!"), words(json, "naïve 1st!"));
  }

  private static List<String> words(String json, String text) {
    WordPieces pieces = WordPieces.of(json);
    List<String> words = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.fromJson(json)) {
      int[] ids = tokenizer.encode(text);
      int begin = 0;
      for (int i = 1; i <= ids.length; i++) {
        if (i == ids.length || !pieces.joined(ids[i - 1], ids[i])) {
          words.add(tokenizer.decode(Arrays.copyOfRange(ids, begin, i)));
          begin = i;
        }
      }
    }
    return words;
  }
}
