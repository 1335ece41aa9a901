package io.shardfire.driver.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.shardfire.driver.corpus.AbstractSparkTest;
import io.shardfire.worker.tokenizer.AddedTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Labels and conversations, row by row. */
class RowSelectionTest extends AbstractSparkTest {
  private static final ColumnMapping LABELLED =
      new ColumnMapping(Map.of("text", "review", "label", "stars"));
  private static final ColumnMapping MESSAGES = new ColumnMapping(Map.of("messages", "talk"));
  private static final List<String> SPECIALS = AddedTokens.CHAT.tokens();

  private List<Row> selected(ColumnMapping columns, List<String> specials, String sql) {
    Dataset<Row> rows = session().sql(sql);
    return new RowSelection("rows", columns, "", specials).of(rows).collectAsList();
  }

  private List<String> targets(String label) {
    return selected(LABELLED, List.of(), "SELECT 'fine' AS review, " + label + " AS stars").stream()
        .map(row -> row.<String>getAs(ColumnMapping.TARGET))
        .toList();
  }

  @Test
  void shouldWriteALabelOfAnyAtomicTypeAsText() {
    assertEquals(List.of("positive"), targets("'positive'"));
    assertEquals(List.of("-3"), targets("-3"));
    assertEquals(List.of("9007199254740993"), targets("9007199254740993L"));
    assertEquals(List.of("4.5"), targets("4.5D"));
    assertEquals(List.of("4.50"), targets("4.50"));
    assertEquals(List.of("true"), targets("true"));
    assertEquals(List.of("2020-02-29"), targets("DATE'2020-02-29'"));
  }

  @Test
  void shouldLeaveOutARowWithoutTextOrLabel() {
    List<Row> rows =
        selected(
            LABELLED,
            List.of(),
            "SELECT * FROM VALUES ('good', 'a'), (NULL, 'a'), (' ', NULL), ('good', NULL),"
                + " ('good', ' ') AS t(review, stars)");

    assertEquals(
        List.of(
            RowSelection.KEPT,
            RowSelection.BLANK,
            RowSelection.BLANK,
            RowSelection.UNLABELLED,
            RowSelection.UNLABELLED),
        states(rows));
    assertEquals("good", rows.get(0).getAs(ColumnMapping.SOURCE));
    assertEquals("a", rows.get(0).getAs(ColumnMapping.TARGET));
    assertEquals(6, rows.get(0).<Integer>getAs(RowSelection.BYTES));
    assertNull(rows.get(3).getAs(ColumnMapping.SOURCE));
    assertNull(rows.get(3).getAs(RowSelection.ID));
  }

  @Test
  void shouldWriteConversationsInChatMl() {
    String expected =
        """
        <|im_start|>system
        <|im_end|>
        <|im_start|>user
        Hi,
        "you"! 🙂<|im_end|>
        <|im_start|>assistant
         Hello.<|im_end|>
        """;

    List<Row> structs =
        selected(
            MESSAGES,
            SPECIALS,
            "SELECT CAST(array(struct(1, '', 'system'),"
                + " struct(2, 'Hi,\\n\"you\"! 🙂', 'user'), struct(3, ' Hello.', 'assistant'))"
                + " AS array<struct<id:int,content:string,Role:string>>) AS talk");
    List<Row> json =
        selected(
            MESSAGES,
            SPECIALS,
            "SELECT '[{\"role\": \"system\", \"content\": \"\"}, {\"content\": \"Hi,\\\\n\\\\\"you\\\\\"!"
                + " 🙂\", \"role\": \"user\", \"name\": null}, {\"role\": \"assistant\", \"content\": \""
                + " Hello.\"}]' AS talk");

    for (List<Row> rows : List.of(structs, json)) {
      assertEquals(List.of(RowSelection.KEPT), states(rows));
      assertEquals(expected, rows.get(0).getAs(ColumnMapping.TEXT));
      assertNotNull(rows.get(0).getAs(RowSelection.ID));
      assertEquals(
          List.of(RowSelection.STATE, ColumnMapping.TEXT, RowSelection.ID, RowSelection.BYTES),
          List.of(rows.get(0).schema().fieldNames()));
    }
  }

  @Test
  void shouldTellWhatIsNoConversation() {
    assertEquals(
        List.of(
            RowSelection.BLANK,
            RowSelection.BLANK,
            RowSelection.BLANK,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.KEPT),
        states(
            selected(
                MESSAGES,
                SPECIALS,
                "SELECT CAST(talk AS array<struct<role:string,content:string>>) AS talk FROM VALUES"
                    + " (NULL), (array()), (array(struct('user', ' '), struct('assistant', ''))),"
                    + " (array(struct('user', 'hi'), NULL)), (array(struct(NULL, 'hi'))),"
                    + " (array(struct('user', NULL))), (array(struct(' ', 'hi'))),"
                    + " (array(struct('user\\nadmin', 'hi'))), (array(struct('user', 'hi')))"
                    + " AS t(talk)")));
    assertEquals(
        List.of(
            RowSelection.BLANK,
            RowSelection.BLANK,
            RowSelection.BLANK,
            RowSelection.BLANK,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.MALFORMED,
            RowSelection.KEPT),
        states(
            selected(
                MESSAGES,
                SPECIALS,
                "SELECT * FROM VALUES (NULL), (' '), ('null'), ('[]'), ('hi'), ('[{\"role\":'),"
                    + " ('{\"role\": \"user\", \"content\": \"hi\"}'),"
                    + " ('[{\"role\": \"user\", \"content\": [\"hi\"]}]'),"
                    + " ('[{\"role\": \"user\"}]'),"
                    + " ('[{\"role\": \"user\", \"content\": \"\\\\ud800\"}]'),"
                    + " ('[{\"role\": \"user\", \"content\": \"hi\"}]') AS t(talk)")));
  }

  @Test
  void shouldLeaveOutAConversationThatSpellsASpecialToken() {
    String sql =
        "SELECT array(struct(role, content)) AS talk FROM VALUES ('user', 'as <|im_end|> says'),"
            + " ('a<|im_start|>b', 'hi'), ('user', 'the <|endoftext|>'), ('user', 'of < |im_end|>'),"
            + " ('user', '[x] \\\\E') AS t(role, content)";

    assertEquals(
        List.of(
            RowSelection.SPELLED,
            RowSelection.SPELLED,
            RowSelection.SPELLED,
            RowSelection.KEPT,
            RowSelection.KEPT),
        states(selected(MESSAGES, SPECIALS, sql)));
    assertEquals(
        RowSelection.SPELLED,
        states(selected(MESSAGES, List.of("<s>", "[x] \\E", "]"), sql)).get(4));
    assertEquals(
        List.of(RowSelection.KEPT, RowSelection.KEPT, RowSelection.KEPT),
        states(selected(MESSAGES, List.of(), sql)).subList(0, 3));
  }

  private static List<Integer> states(List<Row> rows) {
    List<Integer> states = new ArrayList<>();
    rows.forEach(row -> states.add(row.getAs(RowSelection.STATE)));
    return states;
  }
}
