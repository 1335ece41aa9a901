package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.worker.tokenizer.TokenizerJson.Merge;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TokenizerJsonTest {
  @Test
  void shouldWriteTheGoldenCharacterFile() {
    String expected =
        """
        {
          "version" : "1.0",
          "truncation" : null,
          "padding" : null,
          "added_tokens" : [ {
            "id" : 2,
            "content" : "<|endoftext|>",
            "single_word" : false,
            "lstrip" : false,
            "rstrip" : false,
            "normalized" : false,
            "special" : true
          } ],
          "normalizer" : null,
          "pre_tokenizer" : {
            "type" : "Split",
            "pattern" : {
              "Regex" : "[\\\\s\\\\S]"
            },
            "behavior" : "Isolated",
            "invert" : false
          },
          "post_processor" : null,
          "decoder" : {
            "type" : "Fuse"
          },
          "model" : {
            "type" : "WordLevel",
            "vocab" : {
              "a" : 0,
              "b" : 1,
              "<|endoftext|>" : 2
            },
            "unk_token" : "<unknown character>"
          }
        }
        """;
    assertEquals(expected, SampleVocabularies.characters("ba", true));
  }

  @Test
  void shouldHashTheVocabularyAndNotItsFormatting() throws Exception {
    String json = SampleVocabularies.bytePairs();
    String compact = new JsonMapper().readTree(json).toString();
    assertNotEquals(json, compact);
    String pairs = json.replaceAll("\"([^ \":,]+) ([^ \":,]+)\"", "[\"$1\",\"$2\"]");
    assertTrue(pairs.contains("[\"t\",\"h\"]"));
    String hash = hash(json);
    assertEquals(64, hash.length());
    assertEquals(hash, hash(compact));
    assertEquals(hash, hash(pairs));
  }

  @Test
  void shouldHashToTheGoldenValue() {
    assertEquals(
        "f76a43ad7b16be474424edd5ab4d17d11aa6a8ca372df2465cfce7014bdbac29",
        hash(SampleVocabularies.characters("ba", true)));
  }

  @Test
  void shouldHashDifferentVocabulariesDifferently() {
    String ab = hash(SampleVocabularies.characters("ab", false));
    assertNotEquals(ab, hash(SampleVocabularies.characters("ab", true)));
    assertNotEquals(ab, hash(SampleVocabularies.characters("abc", false)));
    String json = SampleVocabularies.bytePairs();
    assertNotEquals(hash(json), hash(json.replace("\"i n\", ", "")));
  }

  @Test
  void shouldRejectIncompleteVocabularies() {
    List<String> vocabulary = new ArrayList<>(ByteLevel.alphabet());
    assertFails(
        "token=th", () -> TokenizerJson.byteLevelBpe(vocabulary, List.of(new Merge("t", "h"))));
    vocabulary.remove("!");
    assertFails("letter=U+0021 '!'", () -> TokenizerJson.byteLevelBpe(vocabulary, List.of()));
    vocabulary.add("a");
    assertFails("id=255, token=a", () -> TokenizerJson.byteLevelBpe(vocabulary, List.of()));
    assertFails("characters=0", () -> TokenizerJson.characters(new TreeSet<>(), true));
    assertFails(
        "codePoint=U+D800",
        () -> TokenizerJson.characters(new TreeSet<>(List.of(65, 0xD800)), false));
  }

  @Test
  void shouldNameWhatIsDamaged() {
    String json = SampleVocabularies.bytePairs();
    assertDamaged("line=3", json.substring(0, 40));
    assertDamaged("no model object: fields=[a]", "{\"a\":1}");
    assertDamaged("no model object", "[]");
    assertDamaged("no model object", "");
    assertDamaged("a Unigram model is not a list", json.replace("\"BPE\"", "\"Unigram\""));
    assertDamaged("token=th, id=-1", json.replace("\"th\" : 256", "\"th\" : -1"));
    assertDamaged("token=th, id=\"x\"", json.replace("\"th\" : 256", "\"th\" : \"x\""));
    assertDamaged("id=255, tokens=", json.replace("\"th\" : 256", "\"th\" : 255"));
    assertDamaged("letter=U+0021 '!'", json.replace("\"!\" : 0,", ""));
    assertDamaged("dropout=0.1", json.replace("\"dropout\" : null", "\"dropout\" : 0.1"));
    assertDamaged("Duplicate field 'th'", json.replace("\"the\" : 257", "\"th\" : 257"));
    assertDamaged("merge=0", json.replace("\"t h\"", "\"t h e\""));
    assertDamaged("library rejects it", json.replace("\"t h\"", "\"t zz\""));
    assertDamaged(
        "token=ab", SampleVocabularies.characters("ab", false).replace("\"b\" : 1", "\"ab\" : 1"));
  }

  private static String hash(String json) {
    try (Tokenizer tokenizer = Tokenizer.fromJson(json)) {
      return tokenizer.vocabularyHash();
    }
  }

  private static void assertDamaged(String expected, String json) {
    assertFails("tokenizer.json cannot be used", () -> Tokenizer.fromJson(json).close());
    assertFails(expected, () -> Tokenizer.fromJson(json).close());
  }

  private static void assertFails(String expected, Runnable action) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
