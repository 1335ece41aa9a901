package io.shardfire.driver.source;

import java.util.Locale;
import java.util.function.Supplier;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Opens sources. What Spark refuses is told in one line. */
record SourceReader(SparkSession session) {
  private static final String JDBC = "jdbc";

  /** The rows of a source, all of them. Spark looks at the source, but does not read it yet. */
  Dataset<Row> open(RowSource source) {
    return attempt("Cannot read: " + source.shown(), source.format(), () -> rows(source));
  }

  private Dataset<Row> rows(RowSource source) {
    if (source.format().equals(RowSource.TABLE)) {
      return session.table(source.input().get(0));
    }
    DataFrameReader reader =
        session
            .read()
            .format(source.format())
            .options(source.options().shown())
            .options(source.options().secrets());
    return source.input().isEmpty()
        ? reader.load()
        : reader.load(source.input().toArray(String[]::new));
  }

  /** The rows of a query. */
  Dataset<Row> query(String sql) {
    // As part of a query, it can be no command that changes a table.
    String query = sql.strip().replaceFirst(";$", "");
    return attempt(
        "Cannot run sql: sql=" + sql, "", () -> session.sql("SELECT * FROM (" + query + "\n)"));
  }

  /**
   * Runs what makes Spark look at a source or read it.
   *
   * @param what cannot be done when it fails
   * @param format of the source; empty for no one source
   */
  static <T> T attempt(String what, String format, Supplier<T> work) {
    try {
      return work.get();
    } catch (Exception e) {
      // Spark is written in Scala and throws checked exceptions that no signature declares.
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      String reason = SparkReason.of(e);
      throw new SourceException(
          "%s reason=%s. %s"
              .formatted(what, reason.replaceFirst("\\.$", ""), remedy(format, e, reason)),
          e);
    }
  }

  private static String remedy(String format, Exception failure, String reason) {
    if (format.toLowerCase(Locale.ROOT).equals(JDBC)) {
      return failure instanceof ClassNotFoundException || reason.contains("No suitable driver")
          ? "Give the jar of the database's JDBC driver to spark-submit with --jars or --packages, and"
              + " the name of its class as options.driver"
          : "Check url, user and password, and that the database answers";
    }
    if (format.equals(RowSource.TABLE)) {
      return "Check the name, and that the session has the catalog";
    }
    return format.isEmpty()
        ? "Check the names in it; sources are known by theirs"
        : "Check input, format and options";
  }
}
