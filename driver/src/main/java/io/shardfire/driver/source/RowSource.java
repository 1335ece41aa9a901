package io.shardfire.driver.source;

import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * One place that rows come from.
 *
 * @param name a word, by which SQL knows it too
 * @param format one of Spark's, such as {@code parquet} or {@code jdbc}, or {@value #TABLE}
 * @param input paths; of a table its name; empty where the options say all
 * @param options for Spark's reader
 * @param columns what is read of a row
 * @param where an SQL expression over the columns of the source that a row must satisfy; empty for
 *     all rows
 * @param weight the share of the source in the mixture, relative to the others, in bytes of text;
 *     empty where nothing is weighted
 */
public record RowSource(
    String name,
    String format,
    List<String> input,
    SourceOptions options,
    ColumnMapping columns,
    String where,
    OptionalDouble weight) {
  /** The format of tables in a catalog. */
  public static final String TABLE = "table";

  /** Checks and copies. */
  public RowSource {
    input = List.copyOf(input);
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(columns, "columns");
    Objects.requireNonNull(where, "where");
    check(
        name.matches("[A-Za-z_][A-Za-z0-9_]*"),
        "source=" + name,
        "Name a source by letters, digits and _, so that SQL can");
    check(
        !format.isBlank(),
        "source=%s format=".formatted(name),
        "Give one of Spark's formats, such as parquet or jdbc, or table");
    check(
        !format.equals(TABLE) || input.size() == 1,
        "source=%s format=table input=%s".formatted(name, input),
        "Give the name of one table as input");
    check(
        weight.isEmpty() || (weight.getAsDouble() > 0 && Double.isFinite(weight.getAsDouble())),
        "source=%s weight=%s".formatted(name, weight.orElse(0)),
        "Give a weight above 0, or leave the source out");
  }

  private static void check(boolean valid, String value, String remedy) {
    if (!valid) {
      throw new IllegalArgumentException("Invalid source: " + value + ". " + remedy);
    }
  }

  /** For people: name, format and what it leads to. */
  String shown() {
    return "source=%s format=%s%s"
        .formatted(name, format, input.isEmpty() ? "" : " input=" + input);
  }
}
