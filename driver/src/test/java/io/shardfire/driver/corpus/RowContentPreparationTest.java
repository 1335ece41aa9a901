package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.source.ColumnMapping;
import io.shardfire.driver.source.Deduplication;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowSource;
import io.shardfire.driver.source.SourceCounts;
import io.shardfire.driver.source.SourceOptions;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Corpora of labelled texts and of conversations. */
class RowContentPreparationTest extends AbstractPreparationTest {
  private static final Map<String, String> LABELLED = Map.of("text", "review", "label", "stars");
  private static final Map<String, String> PAIRS = Map.of("source", "english", "target", "french");
  private static final Map<String, String> MESSAGES = Map.of("messages", "talk");

  @Test
  void shouldMakePairsOfTextsAndLabels() throws IOException {
    rows(
        "reviews",
        "SELECT * FROM VALUES ('great', 5), ('great', 5), ('bad', 1), ('odd', NULL), (NULL, 3),"
            + " ('so so', 3), ('great', 4) AS t(review, stars)");
    rows("pairs", "SELECT 'one' AS english, 'un' AS french");

    PrepareReport report =
        run(
            settings(
                    Deduplication.EXACT,
                    source("reviews", LABELLED, "stars IS NULL OR stars <> 1"),
                    source("pairs", PAIRS, ""))
                .vocabularySize(360));

    SourceCounts counts = report.sources().get(0);
    assertEquals(7, counts.rows());
    assertEquals(1, counts.filtered());
    assertEquals(1, counts.blank());
    assertEquals(1, counts.unlabelled());
    assertEquals(1, counts.exactDuplicates());
    assertEquals(3, counts.documents());
    assertEquals(
        List.of("great:4", "great:5", "one:un", "so so:3"), pairs().stream().sorted().toList());
    try (TokenDataset data = open()) {
      assertEquals(CorpusContent.PAIRS, data.index().content());
      assertTrue(data.tokenizer().specialIds().byText().containsKey("<extra_id_99>"));
    }
    assertEquals(
        1,
        new ObjectMapper()
            .readTree(output.resolve("provenance.json").toFile())
            .get("counts")
            .get(0)
            .get("unlabelled")
            .asInt());
  }

  @Test
  void shouldMakeTheMarkersOfConversationsTokens() throws IOException {
    talks();

    PrepareReport report =
        run(settings(Deduplication.EXACT, source("talks", MESSAGES, "")).vocabularySize(280));

    SourceCounts counts = report.sources().get(0);
    assertEquals(6, counts.rows());
    assertEquals(1, counts.blank());
    assertEquals(1, counts.malformed());
    assertEquals(1, counts.spelling());
    assertEquals(1, counts.exactDuplicates());
    assertEquals(2, counts.documents());
    try (Tokenizer tokenizer = tokenizer()) {
      assertEquals(280, tokenizer.vocabularySize());
      List<int[]> expected =
          List.of(
              document(tokenizer, "user\nsay aaaa", "assistant\naaaa, aaaa"),
              document(tokenizer, "system\nbe brief", "user\nhi", "assistant\nhi"));
      List<int[]> actual = documents();
      assertEquals(2, actual.size());
      int first = tokenizer.decode(actual.get(0)).startsWith("user") ? 0 : 1;
      assertArrayEquals(expected.get(0), actual.get(first));
      assertArrayEquals(expected.get(1), actual.get(1 - first));
      // Nothing is learned of the markers' letters.
      IntStream.range(0, 277)
          .forEach(id -> assertFalse(tokenizer.label(id).contains("im"), tokenizer.label(id)));
    }
  }

  @Test
  void shouldReadOtherSpecialTokensInConversationsThatAreMarkedUpOnPurpose() throws IOException {
    talks();

    PrepareReport report =
        run(
            settings(Deduplication.NONE, source("talks", MESSAGES, ""))
                .tokenizer(TokenizerKind.CHAR)
                .specialTokens(SpecialTokens.PARSE));

    assertEquals(0, report.sources().get(0).spelling());
    assertEquals(4, report.documents());
    try (Tokenizer tokenizer = tokenizer()) {
      int end = tokenizer.files().specialIds().byText().get("<|im_end|>");
      assertTrue(
          documents().stream()
              .anyMatch(ids -> IntStream.of(ids).filter(id -> id == end).count() == 5));
    }
  }

  @Test
  void shouldTakeATokenizerThatHasTheMarkers() throws IOException {
    talks();
    RowSource source = source("talks", MESSAGES, "");
    run(settings(Deduplication.NONE, source).vocabularySize(265));
    String tokenizer = output.resolve("tokenizer.json").toString();
    write("words.txt", "plain words\n");
    output = folder.resolve("out/plain");
    run(
        PrepareConfiguration.builder(List.of(input + "/words.txt"), output.toString())
            .vocabularySize(260)
            .validationFraction(0));
    String plain = output.toString();

    output = folder.resolve("out/again");
    assertEquals(3, run(settings(Deduplication.NONE, source).tokenizerPath(tokenizer)).documents());
    output = folder.resolve("out/refused");
    assertFails(
        "Tokenizer lacks special tokens that messages need: tokenizer-path="
            + plain
            + " missing=[<|im_start|>, <|im_end|>]. Use one of a model that reads ChatML, or make one"
            + " with added-tokens=chat",
        settings(Deduplication.NONE, source).tokenizerPath(plain));
  }

  @Test
  void shouldRefuseSettingsThatBreakConversations() {
    RowSource source = source("talks", MESSAGES, "");
    assertEquals(
        "Invalid preparation setting: addedTokens=T5. Messages need the tokens that begin and end"
            + " one; choose addedTokens=chat, or leave it out",
        invalid(settings(Deduplication.NONE, source).addedTokens(AddedTokens.T5)));
    assertEquals(
        "Invalid preparation setting: split=contiguous. It would cut a conversation in two; choose"
            + " split=hashed",
        invalid(settings(Deduplication.NONE, source).split(SplitMode.CONTIGUOUS)));
  }

  private static String invalid(PrepareConfigurationBuilder builder) {
    return assertThrows(IllegalArgumentException.class, builder::build).getMessage();
  }

  /** Two conversations, one of them twice, an empty one, a broken one, one that quotes a marker. */
  private void talks() {
    rows(
        "talks",
        "SELECT CAST(talk AS array<struct<role:string,content:string>>) AS talk FROM VALUES"
            + " (array(struct('user', 'say aaaa'), struct('assistant', 'aaaa, aaaa'))),"
            + " (array(struct('user', 'say aaaa'), struct('assistant', 'aaaa, aaaa'))),"
            + " (array(struct('system', 'be brief'), struct('user', 'hi'), struct('assistant',"
            + " 'hi'))), (array()), (array(struct(NULL, 'hi'))),"
            + " (array(struct('user', 'x<|im_end|><|im_end|>'), struct('assistant', 'y<|im_end|>')))"
            + " AS t(talk)");
  }

  private void rows(String name, String sql) {
    session().sql(sql).write().parquet(input + "/" + name);
  }

  private RowSource source(String name, Map<String, String> columns, String where) {
    return new RowSource(
        name,
        "parquet",
        List.of(input + "/" + name),
        SourceOptions.NONE,
        new ColumnMapping(columns),
        where,
        OptionalDouble.empty());
  }

  private PrepareConfigurationBuilder settings(Deduplication deduplication, RowSource... sources) {
    return PrepareConfiguration.builder(List.of(), output.toString())
        .rows(new RowSettings(List.of(sources), Optional.empty(), deduplication, 1))
        .validationFraction(0);
  }

  /** What a conversation's ids are, with the end of the text. */
  private static int[] document(Tokenizer tokenizer, String... messages) {
    Map<String, Integer> special = tokenizer.files().specialIds().byText();
    IntStream ids = IntStream.empty();
    for (String message : messages) {
      ids = IntStream.concat(ids, IntStream.of(special.get("<|im_start|>")));
      ids = IntStream.concat(ids, IntStream.of(tokenizer.encode(message)));
      ids = IntStream.concat(ids, IntStream.of(special.get("<|im_end|>")));
      ids = IntStream.concat(ids, IntStream.of(tokenizer.encode("\n")));
    }
    return IntStream.concat(ids, IntStream.of(special.get("<|endoftext|>"))).toArray();
  }

  private List<int[]> documents() {
    try (TokenDataset data = open()) {
      DocumentTable table = data.documents(TokenSplit.TRAIN);
      List<int[]> documents = new ArrayList<>();
      for (long document = 0; document < table.documents(); document++) {
        float[] ids = new float[Math.toIntExact(table.end(document) - table.begin(document))];
        data.read(TokenSplit.TRAIN, table.begin(document), ids, 0, ids.length);
        documents.add(IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray());
      }
      return documents;
    }
  }

  private List<String> pairs() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      List<String> texts = documents().stream().map(tokenizer::decode).toList();
      List<String> pairs = new ArrayList<>();
      for (int i = 0; i < texts.size(); i += 2) {
        pairs.add(texts.get(i) + ":" + texts.get(i + 1));
      }
      return pairs;
    }
  }
}
