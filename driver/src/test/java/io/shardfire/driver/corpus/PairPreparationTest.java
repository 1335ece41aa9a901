package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Pairs, the ends of documents, and special tokens. */
class PairPreparationTest extends AbstractPreparationTest {
  @Test
  void shouldKeepEveryPairTogetherHoweverTheWorkIsShared() throws IOException {
    StringBuilder text = new StringBuilder();
    Map<String, String> expected = new TreeMap<>();
    for (int i = 0; i < 200; i++) {
      String target = "t" + "x".repeat(i % 7) + i;
      text.append("s").append(i).append('\t').append(target).append('\n');
      expected.put("s" + i, target);
    }
    write("a.tsv", text.toString());

    run(
        settings()
            .documents(DocumentMode.PAIRS)
            .tokenizer(TokenizerKind.CHAR)
            .validationFraction(0.2)
            .bytesPerTask(301)
            .tokensPerShard(17));

    Map<String, String> actual = new TreeMap<>();
    for (TokenSplit split : TokenSplit.values()) {
      List<String> documents = documents(split);
      for (int i = 0; i < documents.size(); i += 2) {
        actual.put(documents.get(i), documents.get(i + 1));
      }
    }
    assertEquals(expected, actual);
  }

  @Test
  void shouldReadPairsFromJson() throws IOException {
    write(
        "a.jsonl",
        """
        {"source": "tab\\there", "target": "là"}

        {"id": 7, "target": "b", "source": "a"}
        """);

    PrepareReport report =
        run(
            settings()
                .documents(DocumentMode.JSON_PAIRS)
                .vocabularySize(360)
                .validationFraction(0));

    assertEquals(2, report.documents());
    assertEquals(List.of("tab\there", "là", "a", "b"), documents(TokenSplit.TRAIN));
    try (TokenDataset data = open()) {
      assertEquals(CorpusContent.PAIRS, data.index().content());
      Map<String, Integer> special = data.tokenizer().specialIds().byText();
      assertEquals(102, special.size());
      assertEquals(data.vocabularySize() - 1, special.get("<extra_id_99>"));
      assertEquals(
          special.get("</s>"), Tokenizer.fromJson(data.tokenizerJson()).endOfText().getAsInt());
    }
  }

  @Test
  void shouldKnowWhereDocumentsEnd() throws IOException {
    List<String> lines = lines(60, 5);
    write("a.txt", String.join("\n", lines));

    run(
        settings()
            .addedTokens(AddedTokens.BERT)
            .vocabularySize(300)
            .validationFraction(0)
            .tokensPerShard(100));

    assertEquals(lines, documents(TokenSplit.TRAIN));
    int separator = tokenizer().files().specialIds().byText().get("[SEP]");
    assertEquals(300, tokenizer().vocabularySize());
    try (TokenDataset data = open()) {
      DocumentTable table = data.documents(TokenSplit.TRAIN);
      float[] last = new float[1];
      data.read(TokenSplit.TRAIN, table.end(7) - 1, last, 0, 1);
      assertEquals(separator, (int) last[0]);
    }
  }

  @Test
  void shouldNameTheLineThatIsNoPair() throws IOException {
    write("a.tsv", "a\tb\n\nno tab\n");
    assertFails(
        "Not a pair: file=file:%s/a.tsv line=3 offset=5 tabs=0. Write source, tab and target",
        settings().documents(DocumentMode.PAIRS));
    write("a.tsv", "a\tb\na\tb\tc\n");
    assertFails(
        "Not a pair: file=file:%s/a.tsv line=2 offset=4 tabs=2",
        settings().documents(DocumentMode.PAIRS));
    write("a.tsv", "a\t \n");
    assertFails(
        "Pair without target: file=file:%s/a.tsv line=1 offset=0. Write source",
        settings().documents(DocumentMode.PAIRS));
    write("a.tsv", "{\"source\": \"a\"}\n");
    assertFails(
        "JSON field missing: file=file:%s/a.tsv line=1 offset=0 jsonField=target. Write one",
        settings().documents(DocumentMode.JSON_PAIRS));
  }

  @Test
  void shouldRefusePairsWithoutEnds() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> settings().documents(DocumentMode.PAIRS).appendEndOfText(false).build())
            .getMessage();
    assertTrue(message.contains("documents=PAIRS appendEndOfText=false"), message);
  }

  /** Texts of all documents, without special tokens. */
  private List<String> documents(TokenSplit split) {
    try (TokenDataset data = open();
        Tokenizer tokenizer = Tokenizer.fromJson(data.tokenizerJson())) {
      DocumentTable table = data.documents(split);
      List<String> texts = new ArrayList<>();
      for (long document = 0; document < table.documents(); document++) {
        float[] ids = new float[Math.toIntExact(table.end(document) - table.begin(document))];
        data.read(split, table.begin(document), ids, 0, ids.length);
        int[] whole = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
          whole[i] = (int) ids[i];
        }
        texts.add(tokenizer.decode(whole));
      }
      return texts;
    }
  }
}
