package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.source.ColumnMapping;
import io.shardfire.driver.source.Deduplication;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowSource;
import io.shardfire.driver.source.SourceOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is wrong with sources of rows: one line each, and nothing is left behind. */
class RowRefusalTest extends AbstractPreparationTest {
  private static final ColumnMapping BODY = new ColumnMapping(Map.of("text", "body"));

  @BeforeEach
  void writeRows() {
    session()
        .sql("SELECT * FROM VALUES (1, 'a text'), (2, 'another') AS rows(id, body)")
        .write()
        .mode("overwrite")
        .parquet(input + "/rows");
  }

  @Test
  void shouldNameTheColumnsThatThereAre() throws IOException {
    refused(
        "No such column: source=rows columns.text=text, the source has [id, body]. Set columns.text"
            + " to one of them",
        parquet(ColumnMapping.STANDARD, ""));
  }

  @Test
  void shouldRefuseAColumnThatHoldsNoText() throws IOException {
    refused(
        "Column holds no text: source=rows columns.text=id type=int. Choose another, or cast it to"
            + " string with sql",
        parquet(new ColumnMapping(Map.of("text", "id")), ""));
  }

  @Test
  void shouldRefuseAColumnThatHoldsNoLabels() throws IOException {
    refused(
        "Column holds no label: source=sql columns.label=both type=array<int>. Expected one number,"
            + " string, boolean or date a row; choose another, or make it with sql",
        query(
            "SELECT body, array(1, 2) AS both FROM rows", Map.of("text", "body", "label", "both")));
    refused(
        "Column holds no label: source=sql columns.label=raw type=binary.",
        query("SELECT body, X'00' AS raw FROM rows", Map.of("text", "body", "label", "raw")));
  }

  @Test
  void shouldRefuseAColumnThatHoldsNoMessages() throws IOException {
    String remedy =
        ". Expected array<struct<role:string,content:string>>, or its JSON in a string; choose"
            + " another, or make it with sql";
    refused(
        "Column holds no messages: source=sql columns.messages=id type=int" + remedy,
        query("SELECT id FROM rows", Map.of("messages", "id")));
    refused(
        "Column holds no messages: source=sql columns.messages=talk type=array<string>" + remedy,
        query("SELECT array('hi') AS talk FROM rows", Map.of("messages", "talk")));
    refused(
        "Column holds no messages: source=sql columns.messages=talk type=array<struct<role: string not null,"
            + " text: string>>"
            + remedy,
        query(
            "SELECT array(named_struct('role', 'user', 'text', body)) AS talk FROM rows",
            Map.of("messages", "talk")));
  }

  @Test
  void shouldNameACorruptFile() throws IOException {
    Files.writeString(input.resolve("rows/part-zz.parquet"), "this is no Parquet");

    String message =
        refused(
            "Cannot read: source=rows format=parquet input=[%1$s/rows] reason=", parquet(BODY, ""));

    assertTrue(message.contains("/rows/part-zz.parquet"), message);
  }

  @Test
  void shouldSayWhatIsWrongWithWhere() throws IOException {
    refused(
        "Cannot filter: source=rows where=length(boddy) > 3 reason=[UNRESOLVED_COLUMN.WITH_SUGGESTION]",
        parquet(BODY, "length(boddy) > 3"));
    refused(
        "Cannot filter: source=rows where=length(body reason=[PARSE_SYNTAX_ERROR]",
        parquet(BODY, "length(body"));
    refused(
        "No text is left: source=rows 2 rows read, 2 for which where does not hold. Look at",
        parquet(BODY, "id > 2"));
  }

  @Test
  void shouldSayWhatIsWrongWithAQuery() throws IOException {
    refusedQuery("SELEC body FROM rows", "[PARSE_SYNTAX_ERROR] Syntax error at or near");
    refusedQuery("SELECT body FROM rowz", "[TABLE_OR_VIEW_NOT_FOUND] The table or view `rowz`");
    refusedQuery("DROP TABLE rows", "[PARSE_SYNTAX_ERROR] Syntax error at or near");
    assertFalse(session().catalog().tableExists("rows"));
  }

  private void refusedQuery(String sql, String reason) throws IOException {
    refused(
        "Cannot run sql: sql=" + sql + " reason=" + reason,
        new RowSettings(
            List.of(source("parquet", Map.of(), BODY, "", input + "/rows")),
            Optional.of(new RowSettings.Query(sql, BODY, "")),
            Deduplication.NONE,
            1));
  }

  @Test
  void shouldSayThatASourceIsNotThere() throws IOException {
    refused(
        "Cannot read: source=rows format=table input=[no.such] reason=[TABLE_OR_VIEW_NOT_FOUND]",
        rows(source("table", Map.of(), BODY, "", "no.such")));
    refused(
        "Cannot read: source=rows format=orc input=[%1$s/none] reason=[PATH_NOT_FOUND] Path does not"
            + " exist: file:%1$s/none",
        rows(source("orc", Map.of(), BODY, "", input + "/none")));
    refused(
        "Cannot read: source=rows format=parkay input=[x] reason=[DATA_SOURCE_NOT_FOUND]",
        rows(source("parkay", Map.of(), BODY, "", "x")));
  }

  @Test
  void shouldSayWhyADatabaseIsNotRead() throws IOException, SQLException {
    refused(
        "Cannot read: source=rows format=jdbc reason=No suitable driver. Give the jar of the"
            + " database's JDBC driver to spark-submit with --jars or --packages, and",
        jdbc(Map.of("url", "jdbc:none://db", "dbtable", "T")));
    refused(
        "Cannot read: source=rows format=jdbc reason=org.none.Driver. Give the jar of",
        jdbc(Map.of("url", "jdbc:none://db", "dbtable", "T", "driver", "org.none.Driver")));
    refused(
        "Cannot read: source=rows format=jdbc reason=Connection is broken: \"java.net.ConnectException:"
            + " Connection refused: localhost:1\"",
        jdbc(Map.of("url", "jdbc:h2:tcp://localhost:1/db", "dbtable", "T")));
    try (Connection database =
        DriverManager.getConnection("jdbc:h2:mem:locked;USER=reader;PASSWORD=right")) {
      String message =
          refused(
              "Cannot read: source=rows format=jdbc reason=Wrong user name or password",
              jdbc(
                  Map.of(
                      "url", "jdbc:h2:mem:locked",
                      "dbtable", "T",
                      "user", "reader",
                      "password", "wrong")));
      assertTrue(message.endsWith("Check url, user and password, and that the database answers"));
      refused(
          "Cannot read: source=rows format=jdbc reason=",
          jdbc(
              Map.of(
                  "url", "jdbc:h2:mem:locked",
                  "dbtable", "T",
                  "user", "reader",
                  "password", "right")));
      assertFalse(database.isClosed());
    }
  }

  @Test
  void shouldRefuseSettingsThatMeanNothing() {
    assertEquals(
        "No such role of a column: columns.labels=stars; did you mean label?",
        invalid(() -> new ColumnMapping(Map.of("text", "review", "labels", "stars"))));
    assertEquals(
        "Columns are not mapped to a document: columns={source=a}. Map text; or source and target;"
            + " or text and label; or messages",
        invalid(() -> new ColumnMapping(Map.of("source", "a"))));
    assertEquals(
        "Invalid source: source=a weight=0.0. Give a weight above 0, or leave the source out",
        invalid(() -> weighted("a", OptionalDouble.of(0))));
    assertEquals(
        "Invalid source: source=a-b. Name a source by letters, digits and _, so that SQL can",
        invalid(() -> weighted("a-b", OptionalDouble.of(1))));
    assertEquals(
        "Invalid sources: weights=1 of 2. Give every source a weight, or none",
        invalid(
            () ->
                rows(weighted("a", OptionalDouble.of(1)), weighted("b", OptionalDouble.empty()))));
  }

  private static String invalid(org.junit.jupiter.api.function.Executable work) {
    return assertThrows(IllegalArgumentException.class, work).getMessage();
  }

  private static RowSource weighted(String name, OptionalDouble weight) {
    return new RowSource(name, "csv", List.of("x"), SourceOptions.NONE, BODY, "", weight);
  }

  private String refused(String expected, RowSettings rows) throws IOException {
    String message =
        assertFails(
            expected.replace("%1$s", input.toString()).replace("%", "%%"),
            PrepareConfiguration.builder(List.of(), output.toString()).rows(rows));
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  private RowSettings parquet(ColumnMapping columns, String where) {
    return rows(source("parquet", Map.of(), columns, where, input + "/rows"));
  }

  private RowSettings query(String sql, Map<String, String> columns) {
    return new RowSettings(
        List.of(source("parquet", Map.of(), BODY, "", input + "/rows")),
        Optional.of(new RowSettings.Query(sql, new ColumnMapping(columns), "")),
        Deduplication.NONE,
        1);
  }

  private static RowSettings jdbc(Map<String, String> options) {
    return rows(source("jdbc", options, BODY, ""));
  }

  private static RowSettings rows(RowSource... sources) {
    return new RowSettings(List.of(sources), Optional.empty(), Deduplication.NONE, 1);
  }

  private static RowSource source(
      String format,
      Map<String, String> options,
      ColumnMapping columns,
      String where,
      String... input) {
    return new RowSource(
        "rows",
        format,
        List.of(input),
        new SourceOptions(options, Map.of()),
        columns,
        where,
        OptionalDouble.empty());
  }
}
