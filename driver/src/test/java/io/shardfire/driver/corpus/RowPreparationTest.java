package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.source.ColumnMapping;
import io.shardfire.driver.source.Deduplication;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowSource;
import io.shardfire.driver.source.SourceCounts;
import io.shardfire.driver.source.SourceOptions;
import io.shardfire.worker.data.TokenSplit;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Corpora of what Spark's SQL reads. */
class RowPreparationTest extends AbstractPreparationTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.IntegerType)
          .add("body", DataTypes.StringType)
          .add("language", DataTypes.StringType);

  private static final ColumnMapping BODY = new ColumnMapping(Map.of("text", "body"));

  @Test
  void shouldMakeTheSameShardsOfTheSameRowsHoweverTheyAreStored() throws IOException, SQLException {
    List<Row> rows = rows(lines(300, 1));
    frame(rows, 1).write().parquet(input + "/one");
    Collections.shuffle(rows, new Random(2));
    frame(rows, 7).write().parquet(input + "/seven");
    frame(rows, 3).write().orc(input + "/orc");
    frame(rows, 2).write().option("header", "true").csv(input + "/csv");
    try (Connection database = database("rows")) {
      insert(database, rows);
      Map<String, String> header = Map.of("header", "true");
      Map<String, String> asked = Map.of("url", "jdbc:h2:mem:rows", "dbtable", "DOCUMENTS");
      Map<String, Map<String, String>> made = new TreeMap<>();
      made.put("one", made(source("parquet", Map.of(), input + "/one")));
      made.put("orc", made(source("orc", Map.of(), input + "/orc")));
      made.put("csv", made(source("csv", header, input + "/csv")));
      made.put("jdbc", made(source("jdbc", asked)));
      made.put("seven", made(source("parquet", Map.of(), input + "/seven")));

      made.forEach((name, files) -> assertEquals(made.get("one"), files, name));
    }
  }

  @Test
  void shouldOrderDocumentsByAHashOfSeedAndText() throws IOException {
    frame(rows(lines(300, 1)), 2).write().parquet(input + "/one");
    RowSource source = source("parquet", Map.of(), input + "/one");

    run(chars(settings(Deduplication.NONE, source)));
    String ordered = decoded(TokenSplit.TRAIN);
    run(chars(settings(Deduplication.NONE, source)).bytesPerTask(500).overwrite(true));

    assertEquals(ordered, decoded(TokenSplit.TRAIN));
    assertNotEquals(String.join("\n", lines(300, 1)) + "\n", ordered);
    assertEquals(sorted(lines(300, 1)), sorted(ordered.lines().toList()));
  }

  @Test
  void shouldFilterAndCountWhatBecomesOfRows() throws IOException {
    List<Row> rows =
        rows(List.of("first text", "second text", "x", "third  text", " \t", "third text"));
    rows.add(RowFactory.create(7, null, "en"));
    rows.add(RowFactory.create(8, "of no language", null));
    frame(rows, 2).write().parquet(input + "/rows");

    PrepareReport report =
        run(
            chars(
                settings(
                    Deduplication.EXACT,
                    new RowSource(
                        "web",
                        "parquet",
                        List.of(input + "/rows"),
                        SourceOptions.NONE,
                        BODY,
                        "language = 'en' AND coalesce(body, '') <> 'x'",
                        OptionalDouble.empty()))));

    assertEquals(
        List.of(new SourceCounts("web", 8, 2, 2, 0, 0, 0, 1, 0, 3, 3, 32)), report.sources());
    assertEquals(3, report.documents());
    List<String> left = decoded(TokenSplit.TRAIN).lines().toList();
    assertTrue(left.containsAll(List.of("first text", "second text")), left.toString());
  }

  @Test
  void shouldKeepDuplicatesOfTheSourceThatIsNamedFirst() throws IOException {
    frame(rows(List.of("a text", "only in a")), 1).write().parquet(input + "/a");
    frame(rows(List.of(" a\ntext ", "only in b")), 1).write().parquet(input + "/b");

    PrepareReport report =
        run(
            chars(
                settings(
                    Deduplication.EXACT,
                    source("b", "parquet", OptionalDouble.empty(), input + "/b"),
                    source("a", "parquet", OptionalDouble.empty(), input + "/a"))));

    assertEquals(
        List.of(
            new SourceCounts("b", 2, 0, 0, 0, 0, 0, 0, 0, 2, 2, 17),
            new SourceCounts("a", 2, 0, 0, 0, 0, 0, 1, 0, 1, 1, 9)),
        report.sources());
  }

  @Test
  void shouldLeaveOutNearDuplicates() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      texts.add(words(i, 200) + ".");
      texts.add(words(i, 200) + ", and more!");
      texts.add(words(i, 100) + words(1000 + i, 100));
    }
    frame(rows(texts), 3).write().parquet(input + "/rows");

    PrepareReport report =
        run(chars(settings(Deduplication.NEAR, source("parquet", Map.of(), input + "/rows"))));

    SourceCounts counts = report.sources().get(0);
    assertEquals(0, counts.exactDuplicates());
    assertEquals(20, counts.nearDuplicates());
    assertEquals(40, report.documents());
  }

  @Test
  void shouldMixByWeights() throws IOException {
    frame(rows(numbered("wiki", 300)), 1).write().parquet(input + "/wiki");
    frame(rows(numbered("book", 100)), 1).write().parquet(input + "/book");

    PrepareReport report =
        run(
            chars(
                settings(
                    Deduplication.NONE,
                    source("wiki", "parquet", OptionalDouble.of(1), input + "/wiki"),
                    source("book", "parquet", OptionalDouble.of(3), input + "/book"))));

    // A quarter of the text of 400 documents is to be that of wiki: each stands there 1/3 times.
    SourceCounts wiki = report.sources().get(0);
    SourceCounts book = report.sources().get(1);
    assertEquals(100, (double) wiki.weightedDocuments(), 20);
    assertEquals(300, wiki.documents());
    assertEquals(300, book.weightedDocuments());
    List<String> mixed = decoded(TokenSplit.TRAIN).lines().toList();
    assertEquals(wiki.weightedDocuments() + 300, mixed.size());
    assertEquals(3, Collections.frequency(mixed, "book 042"));
    assertEquals(
        wiki.weightedDocuments(),
        mixed.stream().filter(text -> text.startsWith("wiki")).distinct().count());
  }

  @Test
  void shouldReadTheRowsOfAQuery() throws IOException {
    frame(rows(List.of("alpha", "beta", "gamma")), 1).write().parquet(input + "/letters");
    frame(rows(List.of("one", "two", "three")), 1).write().parquet(input + "/numbers");
    RowSettings rows =
        new RowSettings(
            List.of(
                source("letters", "parquet", OptionalDouble.empty(), input + "/letters"),
                source("numbers", "parquet", OptionalDouble.empty(), input + "/numbers")),
            Optional.of(
                new RowSettings.Query(
                    "SELECT l.body AS greek, n.body AS english FROM letters l JOIN numbers n"
                        + " ON l.id = n.id WHERE l.id > 0;",
                    new ColumnMapping(Map.of("source", "greek", "target", "english")),
                    "english <> 'three'")),
            Deduplication.NONE,
            1);

    PrepareReport report = run(chars(rows));

    assertEquals(
        List.of(new SourceCounts("sql", 2, 1, 0, 0, 0, 0, 0, 0, 1, 1, 8)), report.sources());
    assertTrue(decoded(TokenSplit.TRAIN).contains("beta"));
    assertEquals(
        List.of("letters", "numbers", "sql"), provenance().get("sources").findValuesAsText("name"));
  }

  @Test
  void shouldReadATableByName() throws IOException {
    frame(rows(List.of("in a table")), 1).createOrReplaceGlobalTempView("documents");

    PrepareReport report =
        run(
            chars(
                settings(Deduplication.NONE, source("table", Map.of(), "global_temp.documents"))));

    assertEquals(1, report.documents());
  }

  @Test
  void shouldRecordWhereTheTextCameFromButNoSecret() throws IOException, SQLException {
    try (Connection database = database("vault;USER=reader;PASSWORD=hunter2")) {
      insert(database, rows(List.of("behind a password")));
      SourceOptions options =
          new SourceOptions(
              Map.of(
                  "url", "jdbc:h2:mem:vault",
                  "query", "SELECT * FROM DOCUMENTS",
                  "user", "reader",
                  "password", "${env:VAULT}"),
              Map.of("password", "hunter2"));
      RowSource source =
          new RowSource("vault", "jdbc", List.of(), options, BODY, "", OptionalDouble.empty());

      run(chars(settings(Deduplication.NONE, source)).written(Map.of("prepare.seed", "1337")));
    }

    JsonNode provenance = provenance();
    assertEquals("1337", provenance.get("settings").get("prepare.seed").asText());
    JsonNode source = provenance.get("sources").get(0);
    assertEquals("${env:VAULT}", source.get("options").get("password").asText());
    assertEquals("ID INT,BODY STRING,LANGUAGE STRING", source.get("schema").asText());
    assertEquals(0, source.get("files").get("count").asInt());
    assertEquals(1, provenance.get("counts").get(0).get("rows").asInt());
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("hunter2"),
            file.toString());
      }
    }
  }

  @Test
  void shouldRecordTheFilesOfTables() throws IOException {
    frame(rows(List.of("in a file", "in another")), 2).write().parquet(input + "/a b");

    run(chars(settings(Deduplication.NONE, source("parquet", Map.of(), input + "/a b"))));

    JsonNode files = provenance().get("sources").get(0).get("files");
    assertEquals(2, files.get("count").asInt());
    Path first =
        Path.of(URI.create(files.get("first").get(0).get("path").asText().replace(" ", "%20")));
    assertEquals(Files.size(first), files.get("first").get(0).get("bytes").asLong());
  }

  private JsonNode provenance() throws IOException {
    return new ObjectMapper().readTree(output.resolve("provenance.json").toFile());
  }

  /** The files of the corpus, but for that which tells where it came from. */
  private Map<String, String> made(RowSource source) throws IOException {
    run(
        chars(settings(Deduplication.NONE, source))
            .validationFraction(0.1)
            .bytesPerTask(3000)
            .overwrite(true));
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> made = Files.list(output)) {
      for (Path file : made.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("provenance.json") && !name.equals("index.json")) {
          files.put(name, Arrays.toString(Files.readAllBytes(file)));
        }
      }
    }
    assertTrue(files.size() > 8, files.keySet().toString());
    return files;
  }

  private RowSettings settings(Deduplication deduplication, RowSource... sources) {
    return new RowSettings(List.of(sources), Optional.empty(), deduplication, 1);
  }

  private PrepareConfigurationBuilder chars(RowSettings rows) {
    return PrepareConfiguration.builder(List.of(), output.toString())
        .rows(rows)
        .tokenizer(TokenizerKind.CHAR)
        .validationFraction(0);
  }

  private static RowSource source(String format, Map<String, String> options, String... input) {
    return new RowSource(
        "rows",
        format,
        List.of(input),
        new SourceOptions(options, Map.of()),
        BODY,
        "",
        OptionalDouble.empty());
  }

  private static RowSource source(String name, String format, OptionalDouble weight, String input) {
    return new RowSource(name, format, List.of(input), SourceOptions.NONE, BODY, "", weight);
  }

  private Dataset<Row> frame(List<Row> rows, int partitions) {
    return session().createDataFrame(rows, SCHEMA).repartition(partitions);
  }

  private static List<Row> rows(List<String> texts) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      rows.add(RowFactory.create(i, texts.get(i), "en"));
    }
    return rows;
  }

  private static Connection database(String name) throws SQLException {
    return DriverManager.getConnection("jdbc:h2:mem:" + name);
  }

  private static void insert(Connection database, List<Row> rows) throws SQLException {
    database
        .createStatement()
        .execute("CREATE TABLE DOCUMENTS (ID INT, BODY VARCHAR, LANGUAGE VARCHAR)");
    try (PreparedStatement insert =
        database.prepareStatement("INSERT INTO DOCUMENTS VALUES (?, ?, ?)")) {
      for (Row row : rows) {
        insert.setInt(1, row.getInt(0));
        insert.setString(2, row.getString(1));
        insert.setString(3, row.getString(2));
        insert.executeUpdate();
      }
    }
  }

  private static List<String> sorted(List<String> texts) {
    return texts.stream().sorted().toList();
  }

  private static List<String> numbered(String name, int count) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add("%s %03d".formatted(name, i));
    }
    return texts;
  }

  private static String words(int seed, int count) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(" w").append(random.nextInt(5000));
    }
    return text.toString();
  }
}
