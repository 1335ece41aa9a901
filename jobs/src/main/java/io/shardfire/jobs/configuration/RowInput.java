package io.shardfire.jobs.configuration;

import io.shardfire.driver.corpus.DocumentMode;
import io.shardfire.driver.source.ColumnMapping;
import io.shardfire.driver.source.Deduplication;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowSource;
import io.shardfire.driver.source.SourceOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What the section {@code prepare} says of rows.
 *
 * @param environment where secrets are
 */
record RowInput(PrepareSettings prepare, Map<String, String> environment) {
  /** The name of the only source, where none is named. */
  private static final String ONLY = "input";

  private static final String TEXT_FORMAT = "text";
  private static final String TEXT_FORMAT_COLUMN = "value";

  /**
   * The sources and what becomes of their rows; empty where files of text are read.
   *
   * @throws ConfigurationException when settings contradict each other
   */
  Optional<RowSettings> settings() {
    boolean rows =
        prepare.format().isPresent() || prepare.sql().isPresent() || !prepare.sources().isEmpty();
    if (!rows) {
      refuseWithoutRows();
      return Optional.empty();
    }
    check(
        prepare.documents() == DocumentMode.LINE,
        "prepare.documents",
        "is of files of text, not of rows; leave it out, or leave out format, sql and sources");
    check(
        prepare.input().isEmpty() || prepare.sources().isEmpty(),
        "prepare.input",
        "is of a single source; write it into one of prepare.sources");
    return Optional.of(new RowSettings(sources(), query(), prepare.deduplicate(), prepare.seed()));
  }

  private void refuseWithoutRows() {
    String remedy = "is of rows; set prepare.format, for lines of text to text";
    check(prepare.options().isEmpty(), "prepare.options", remedy);
    check(prepare.columns().isEmpty(), "prepare.columns", remedy);
    check(prepare.where().isEmpty(), "prepare.where", remedy);
    check(prepare.deduplicate() == Deduplication.NONE, "prepare.deduplicate", remedy);
  }

  private Optional<RowSettings.Query> query() {
    return prepare
        .sql()
        .map(
            sql ->
                new RowSettings.Query(
                    sql, mapping(prepare.columns(), ""), prepare.where().orElse("")));
  }

  private List<RowSource> sources() {
    if (prepare.sources().isEmpty()) {
      if (prepare.format().isEmpty()) {
        check(
            prepare.input().isEmpty(),
            "prepare.format",
            "is missing: sql reads prepare.input as a source of that format");
        return List.of();
      }
      return List.of(source(ONLY, SourceSettings.UNSET, "prepare.options."));
    }
    List<RowSource> sources = new ArrayList<>();
    prepare
        .sources()
        .forEach(
            (name, own) ->
                sources.add(source(name, own, "prepare.sources.%s.options.".formatted(name))));
    return sources;
  }

  private RowSource source(String name, SourceSettings own, String optionsKey) {
    String key = "prepare.sources." + name;
    boolean queried = prepare.sql().isPresent();
    check(
        !queried || (own.columns().isEmpty() && own.where().isEmpty()),
        key,
        "has columns or where beside prepare.sql; write them into the query");
    String format =
        own.format()
            .or(prepare::format)
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        key + ".format is missing; set it, or prepare.format for all sources"));
    Map<String, String> options = new TreeMap<>(prepare.options());
    options.putAll(own.options());
    Map<String, String> columns = own.columns().isEmpty() ? prepare.columns() : own.columns();
    return new RowSource(
        name,
        format,
        name.equals(ONLY) && prepare.sources().isEmpty() ? prepare.input() : own.input(),
        new SourceOptions(
            options, EnvironmentPlaceholder.secrets(optionsKey, options, environment)),
        queried ? ColumnMapping.STANDARD : mapping(columns, format),
        queried ? "" : own.where().or(prepare::where).orElse(""),
        own.weight().map(OptionalDouble::of).orElseGet(OptionalDouble::empty));
  }

  private static ColumnMapping mapping(Map<String, String> columns, String format) {
    if (!columns.isEmpty()) {
      return new ColumnMapping(columns);
    }
    return format.equals(TEXT_FORMAT)
        ? new ColumnMapping(Map.of(ColumnMapping.TEXT, TEXT_FORMAT_COLUMN))
        : ColumnMapping.STANDARD;
  }

  private static void check(boolean valid, String key, String remedy) {
    if (!valid) {
      throw new ConfigurationException(key + " " + remedy);
    }
  }
}
