package io.shardfire.worker.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.sharding.checkpoint.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against ids that Hugging Face's libraries gave; integration-tests/parity made the data. */
class PublishedTokenizersTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir Path temporary;

  private static JsonNode resource(String name) {
    try (InputStream in =
        PublishedTokenizersTest.class.getResourceAsStream("/tokenizers/" + name)) {
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TokenizerFiles files(String kind) {
    return new TokenizerFiles(
        resource(kind + "/tokenizer.json").toString(),
        resource(kind + "/tokenizer_config.json").toString());
  }

  private static List<JsonNode> texts(String kind) {
    return StreamSupport.stream(
            resource(kind + "/expected.json").path("texts").spliterator(), false)
        .toList();
  }

  private static int[] ids(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"word-piece", "word-piece-cased", "unigram", "byte-fallback", "byte-level"})
  void shouldGiveTheIdsOfTheLibrary(String kind) {
    try (Tokenizer tokenizer = Tokenizer.of(files(kind))) {
      for (JsonNode expected : texts(kind)) {
        String text = expected.path("text").asText();
        assertArrayEquals(
            ids(expected.path("parsed")), tokenizer.encode(text, SpecialTokens.PARSE), text);
        int[] plain = ids(expected.path("plain"));
        assertArrayEquals(plain, tokenizer.encode(text), text);
        assertEquals(expected.path("decoded").asText(), tokenizer.decode(plain), text);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byte-fallback", "byte-level"})
  void shouldRoundTripWhereNothingIsNormalised(String kind) {
    try (Tokenizer tokenizer = Tokenizer.of(files(kind))) {
      for (JsonNode expected : texts(kind)) {
        String text = expected.path("text").asText();
        if (kind.equals("byte-level") || !text.contains("\u2581")) {
          assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        }
      }
    }
  }

  /** Byte by byte, tokens are what they are decoded to together. */
  @ParameterizedTest
  @ValueSource(
      strings = {"word-piece", "word-piece-cased", "unigram", "byte-fallback", "byte-level"})
  void shouldKnowTheBytesOfEachToken(String kind) {
    try (Tokenizer tokenizer = Tokenizer.of(files(kind))) {
      for (JsonNode expected : texts(kind)) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        IntStream.of(ids(expected.path("plain")))
            .forEach(id -> bytes.writeBytes(tokenizer.bytes(id)));
        String joined = bytes.toString(StandardCharsets.UTF_8);
        String decoded = expected.path("decoded").asText();
        assertTrue(
            joined.equals(decoded) || joined.equals(" " + decoded), joined + " and " + decoded);
      }
    }
  }

  @Test
  void shouldKnowWhatSpecialTokensAreFor() {
    try (Tokenizer bert = Tokenizer.of(files("word-piece"));
        Tokenizer llama = Tokenizer.of(files("byte-fallback"));
        Tokenizer newer = Tokenizer.of(files("byte-level"));
        Tokenizer t5 = Tokenizer.of(files("unigram"))) {
      SpecialIds special = bert.files().specialIds();
      assertEquals(OptionalInt.of(4), special.of(TokenRole.MASK));
      assertEquals(OptionalInt.of(2), special.of(TokenRole.CLASS));
      assertEquals(OptionalInt.of(3), special.of(TokenRole.SEPARATOR));
      assertEquals(OptionalInt.of(3), bert.endOfText());
      // What begins a sequence for an encoder does not begin a document.
      assertEquals(OptionalInt.empty(), bert.beginOfText());
      assertEquals(OptionalInt.of(1), llama.beginOfText());
      assertEquals(OptionalInt.of(2), llama.endOfText());
      assertEquals(OptionalInt.of(330), newer.beginOfText());
      assertEquals(OptionalInt.of(331), newer.endOfText());
      assertEquals(OptionalInt.empty(), t5.beginOfText());
      assertEquals(OptionalInt.of(1), t5.endOfText());
      assertEquals(OptionalInt.of(0), t5.files().specialIds().of(TokenRole.PADDING));
    }
  }

  @Test
  void shouldTakeRolesFromTheFilesBesideTheTokenizer() throws IOException {
    Files.writeString(
        temporary.resolve(TokenizerFiles.JSON), resource("word-piece/tokenizer.json").toString());
    Files.writeString(
        temporary.resolve("special_tokens_map.json"),
        "{\"eos_token\": {\"content\": \"[CLS]\", \"lstrip\": false}, \"pad_token\": \"[MASK]\"}");
    SpecialIds fromMap = read().specialIds();
    assertEquals(OptionalInt.of(2), fromMap.of(TokenRole.END));
    assertEquals(OptionalInt.of(4), fromMap.of(TokenRole.PADDING));
    assertEquals(OptionalInt.of(1), fromMap.of(TokenRole.UNKNOWN));

    Files.writeString(
        temporary.resolve(TokenizerFiles.CONFIGURATION), "{\"eos_token\": \"[UNK]\", \"a\": 1}");
    assertEquals(OptionalInt.of(1), read().specialIds().of(TokenRole.END));
    assertTrue(read().configuration().contains("\"a\" : 1"));

    Files.writeString(temporary.resolve(TokenizerFiles.CONFIGURATION), "{\"eos_token\": ");
    assertUnreadable("tokenizer_config.json cannot be used: not valid JSON");

    Files.delete(temporary.resolve(TokenizerFiles.CONFIGURATION));
    Files.writeString(temporary.resolve(TokenizerFiles.JSON), "{\"model\": {\"type\": \"BPE\"}}");
    assertUnreadable("tokenizer.json cannot be used: ");
  }

  private void assertUnreadable(String problem) {
    String message = assertThrows(CheckpointException.class, this::read).getMessage();
    assertTrue(message.startsWith("Tokenizer cannot be read: path=file:" + temporary), message);
    assertTrue(message.contains(", problem=" + problem), message);
  }

  private TokenizerFiles read() {
    return TokenizerFiles.read(
        new Configuration(), new org.apache.hadoop.fs.Path(temporary.toUri()));
  }

  @Test
  void shouldSayHowToMakeTheFileThatIsMissing() throws IOException {
    assertMissing("give a folder that has one: folder=");
    Files.createFile(temporary.resolve("vocab.json"));
    Files.createFile(temporary.resolve("merges.txt"));
    assertMissing("save_pretrained of AutoTokenizer: folder=");
    assertMissing("found=merges.txt, vocab.json");
    Files.createFile(temporary.resolve("source.spm"));
    assertMissing("a pair of SentencePiece models, as Marian's, is not read");
  }

  private void assertMissing(String expected) {
    CheckpointException e = assertThrows(CheckpointException.class, this::read);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  /** Whole words, however the file cuts them; one character a token is a form of its own. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"Whitespace\"}",
        "{\"type\": \"Split\", \"pattern\": {\"String\": \" \"}, \"behavior\": \"Removed\","
            + " \"invert\": false}",
        "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", \"pattern\":"
            + " {\"Regex\": \"[ \\\\n]+\"}, \"behavior\": \"Removed\", \"invert\": false}]}"
      })
  void shouldGiveTheIdsOfTheLibraryForWholeWords(String preTokenizer) {
    String json =
        """
        {"normalizer": {"type": "Lowercase"}, "pre_tokenizer": %s,
         "model": {"type": "WordLevel", "unk_token": "?", "vocab":
           {"?": 0, "the": 1, "whale": 2, "a": 3, "the whale": 4}}}
        """
            .formatted(preTokenizer);
    try (Tokenizer tokenizer = Tokenizer.fromJson(json)) {
      assertArrayEquals(new int[] {1, 2, 0, 3}, tokenizer.encode("The whale sees a"));
      assertEquals("the whale", tokenizer.decode(new int[] {1, 2}));
    }
  }

  /** Files of years past do not name their model. */
  @ParameterizedTest
  @ValueSource(strings = {"word-piece", "unigram", "byte-fallback"})
  void shouldReadAModelWithoutType(String kind) {
    ObjectNode json = (ObjectNode) resource(kind + "/tokenizer.json");
    String typed = json.toString();
    ((ObjectNode) json.path("model")).remove("type");
    assertEquals(
        TokenizerJson.vocabularyHash(typed), TokenizerJson.vocabularyHash(json.toString()));
    try (Tokenizer tokenizer = Tokenizer.fromJson(json.toString())) {
      assertArrayEquals(
          ids(texts(kind).get(0).path("plain")), tokenizer.encode("the lion hunts at night"));
    }
  }

  @Test
  void shouldHashScoresOfUnigramPieces() {
    ObjectNode json = (ObjectNode) resource("unigram/tokenizer.json");
    String hash = TokenizerJson.vocabularyHash(json.toString());
    json.put("normalizer", (String) null);
    assertEquals(hash, TokenizerJson.vocabularyHash(json.toString()));
    ((com.fasterxml.jackson.databind.node.ArrayNode) json.at("/model/vocab/7")).set(1, -3.25);
    assertNotEquals(hash, TokenizerJson.vocabularyHash(json.toString()));
  }

  @Test
  void shouldRefuseATextThatSpellsWhatIsHidden() {
    try (Tokenizer tokenizer = Tokenizer.of(files("word-piece"))) {
      assertEquals(0, tokenizer.encode("").length);
    }
    ObjectNode json = (ObjectNode) resource("unigram/tokenizer.json");
    json.putNull("normalizer");
    json.putNull("pre_tokenizer");
    try (Tokenizer tokenizer = Tokenizer.fromJson(json.toString())) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> tokenizer.encode("a\uFDD0</s>\uFDD1b"));
      assertTrue(e.getMessage().contains("token=</s>"), e.getMessage());
      assertTrue(Arrays.stream(tokenizer.encode("a</s>b")).noneMatch(id -> id == 1));
    }
  }

  @Test
  void shouldLabelTokensForPeople() {
    assertLabels("word-piece", "lions", List.of("lion", "##s"));
    assertLabels("unigram", "a fox", List.of(" a", " fo", "x"));
    assertLabels("byte-fallback", "\u20AC", List.of(" ", "<0xE2>", "<0x82>", "<0xAC>"));
  }

  private static void assertLabels(String kind, String text, List<String> expected) {
    try (Tokenizer tokenizer = Tokenizer.of(files(kind))) {
      assertEquals(
          expected, Arrays.stream(tokenizer.encode(text)).mapToObj(tokenizer::label).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"word-piece", "unigram", "byte-fallback"})
  void shouldJoinThePiecesOfWords(String kind) {
    WordPieces pieces = WordPieces.of(files(kind).json());
    try (Tokenizer tokenizer = Tokenizer.of(files(kind))) {
      int[] ids = tokenizer.encode("sleeping foxes, waking");
      List<String> words = new ArrayList<>();
      int begin = 0;
      for (int i = 1; i <= ids.length; i++) {
        if (i == ids.length || !pieces.joined(ids[i - 1], ids[i])) {
          words.add(tokenizer.decode(Arrays.copyOfRange(ids, begin, i)).strip());
          begin = i;
        }
      }
      assertEquals(List.of("sleeping", "foxes", ",", "waking"), words);
    }
  }

  @Test
  void shouldSayInOneLineWhatIsWrong() {
    ObjectNode json = (ObjectNode) resource("unigram/tokenizer.json");
    assertDamaged("there are BPE, WordPiece, Unigram and WordLevel", json, "type", "Neural");
    assertDamaged("model.vocab of a Unigram model is not a list", json, "vocab", "{}");
    assertDamaged("a piece is not a text and a score: piece=0", json, "vocab", "[[\"a\"]]");
    assertDamaged("the tokenizers library rejects it", json, "unk_id", "70000");
  }

  private static void assertDamaged(String expected, ObjectNode json, String key, String value) {
    ObjectNode changed = json.deepCopy();
    try {
      ((ObjectNode) changed.path("model"))
          .set(key, MAPPER.readTree(key.equals("type") ? '"' + value + '"' : value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Tokenizer.fromJson(changed.toString()).close());
    assertTrue(e.getMessage().startsWith("tokenizer.json cannot be used"), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
  }
}
