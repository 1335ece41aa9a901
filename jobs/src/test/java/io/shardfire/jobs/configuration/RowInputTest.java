package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RowInputTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("DB_PASSWORD", "hunter2");

  private static RunConfiguration configuration(String... overrides) {
    return RunConfigurationReader.read(Optional.empty(), List.of(overrides), new TreeMap<>());
  }

  private static RowSettings rows(String... overrides) {
    return new RowInput(configuration(overrides).prepare(), ENVIRONMENT).settings().orElseThrow();
  }

  private static String refusal(String... overrides) {
    return assertThrows(ConfigurationException.class, () -> rows(overrides)).getMessage();
  }

  @Test
  void shouldLetSourcesSayLessThanTheSection() {
    RowSettings rows =
        rows(
            "prepare.format=parquet",
            "prepare.columns.text=body",
            "prepare.where=length(body) > 3",
            "prepare.options.mergeSchema=true",
            "prepare.sources.wiki={input: [a, b], weight: 3}",
            "prepare.sources.books={input: c, format: csv, columns: {text: page}, where: page > '',"
                + " options: {header: true}, weight: 1}");

    RowSource wiki = rows.sources().get(0);
    assertEquals("wiki", wiki.name());
    assertEquals("parquet", wiki.format());
    assertEquals(List.of("a", "b"), wiki.input());
    assertEquals(Map.of("text", "body"), wiki.columns().columns());
    assertEquals("length(body) > 3", wiki.where());
    assertEquals(OptionalDouble.of(3), wiki.weight());
    RowSource books = rows.sources().get(1);
    assertEquals("csv", books.format());
    assertEquals(Map.of("text", "page"), books.columns().columns());
    assertEquals("page > ''", books.where());
    assertEquals(Map.of("header", "true", "mergeSchema", "true"), books.options().shown());
  }

  @Test
  void shouldReadFilesOfTextWhereNothingIsSaidOfRows() {
    assertEquals(
        Optional.empty(),
        new RowInput(configuration("prepare.input=a.txt").prepare(), ENVIRONMENT).settings());
    assertEquals(
        Map.of("text", "value"),
        rows("prepare.format=text", "prepare.input=a").sources().get(0).columns().columns());
  }

  @Test
  void shouldGiveColumnsAndWhereToTheQueryIfThereIsOne() {
    RowSettings rows =
        rows(
            "prepare.sql=SELECT * FROM a JOIN b USING (id)",
            "prepare.columns={source: x, target: y}",
            "prepare.where=x <> y",
            "prepare.format=orc",
            "prepare.sources={a: {input: 1}, b: {input: 2}}");

    assertEquals("x <> y", rows.query().orElseThrow().where());
    assertEquals("", rows.sources().get(0).where());
    assertEquals(List.of(), rows("prepare.sql=SELECT text FROM db.t").sources());
  }

  @Test
  void shouldTakeSecretsFromTheEnvironmentAndRecordTheirNames() {
    String[] settings = {
      "prepare.format=jdbc", "prepare.options={url: 'jdbc:x://h/d', password: '${env:DB_PASSWORD}'}"
    };
    RowSource source = rows(settings).sources().get(0);

    assertEquals(Map.of("password", "hunter2"), source.options().secrets());
    assertEquals("${env:DB_PASSWORD}", source.options().shown().get("password"));
    assertFalse(source.toString().contains("hunter2"), source.toString());
    RunConfiguration configuration = configuration(settings);
    assertEquals(
        "{password: \"${env:DB_PASSWORD}\", url: jdbc:x://h/d}",
        configuration.prepare().written().get("prepare.options"));
    assertFalse(configuration.yaml().contains("hunter2"));
  }

  @Test
  void shouldRefuseSecretsThatAreWrittenOut() {
    String remedy =
        " holds a secret, which would be recorded with the corpus; let an option of its own be"
            + " ${env:NAME}, and export the variable NAME";
    assertEquals(
        "prepare.options.password" + remedy,
        refusal("prepare.format=jdbc", "prepare.options.password=hunter2"));
    assertEquals(
        "prepare.options.url" + remedy,
        refusal("prepare.format=jdbc", "prepare.options.url=jdbc:x://h/d?user=a&password=b"));
    assertEquals(
        "prepare.sources.db.options.url" + remedy,
        refusal("prepare.sources.db={format: jdbc, options: {url: 'jdbc:x://a:b@h/d'}}"));
    assertEquals(
        "The environment has no variable NONE, which prepare.options.password names; export it",
        refusal("prepare.format=jdbc", "prepare.options.password=${env:NONE}"));
  }

  @Test
  void shouldRefuseWhatContradicts() {
    assertEquals(
        "prepare.where is of rows; set prepare.format, for lines of text to text",
        refusal("prepare.input=a.txt", "prepare.where=true"));
    assertEquals(
        "prepare.documents is of files of text, not of rows; leave it out, or leave out format, sql"
            + " and sources",
        refusal("prepare.format=orc", "prepare.documents=file"));
    assertEquals(
        "prepare.input is of a single source; write it into one of prepare.sources",
        refusal("prepare.input=a", "prepare.sources.b={format: orc, input: c}"));
    assertEquals(
        "prepare.sources.b.format is missing; set it, or prepare.format for all sources",
        refusal("prepare.sources.b={input: c}"));
    assertEquals(
        "Unknown key prepare.sources.b.fromat (--set prepare.sources.b={fromat: orc}); did you mean"
            + " prepare.sources.b.format?",
        refusal("prepare.sources.b={fromat: orc}"));
  }

  @Test
  void shouldReadWhatItWrites(@TempDir Path folder) throws IOException {
    RunConfiguration configuration =
        configuration(
            "prepare.sources.a={input: 'x, y', format: csv, weight: 0.5, options: {sep: \", \"}}",
            "prepare.sources.b={format: jdbc, options: {url: 'jdbc:x://h/d', p: '${env:P}'}}",
            "prepare.sql=SELECT '{}' AS text");

    assertEquals(
        configuration.prepare(),
        RunConfigurationReader.read(
                Optional.of(Files.writeString(folder.resolve("rows.yaml"), configuration.yaml())),
                List.of(),
                new TreeMap<>())
            .prepare());
  }
}
