package io.shardfire.driver.source;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a source, or the rows of a query, was when it was read.
 *
 * @param options as they were written, so that secrets are not among them
 * @param sql of a query; empty of a source
 * @param schema of all columns, as SQL declares them
 * @param weight 0 where nothing is weighted
 * @param files that held the rows; none where Spark does not say, as of a database
 */
public record SourceSnapshot(
    String name,
    String format,
    List<String> input,
    Map<String, String> options,
    Map<String, String> columns,
    String where,
    double weight,
    String sql,
    String schema,
    FileSnapshot files) {
  /** Copies. */
  public SourceSnapshot {
    input = List.copyOf(input);
  }

  static SourceSnapshot of(RowSource source, Dataset<Row> rows, SparkSession session) {
    return new SourceSnapshot(
        source.name(),
        source.format(),
        source.input(),
        source.options().shown(),
        source.columns().columns(),
        source.where(),
        source.weight().orElse(0),
        "",
        rows.schema().toDDL(),
        files(source.shown(), rows, session));
  }

  static SourceSnapshot of(RowSettings.Query query, Dataset<Row> rows, SparkSession session) {
    return new SourceSnapshot(
        "sql",
        "",
        List.of(),
        Map.of(),
        query.columns().columns(),
        query.where(),
        0,
        query.sql(),
        rows.schema().toDDL(),
        files("sql", rows, session));
  }

  private static FileSnapshot files(String shown, Dataset<Row> rows, SparkSession session) {
    String[] uris = rows.inputFiles();
    try {
      return FileSnapshot.of(uris, session.sparkContext().hadoopConfiguration());
    } catch (IOException e) {
      throw new SourceException(
          "Cannot list the files: %s reason=%s. Check their permissions"
              .formatted(shown, e.getMessage()),
          e);
    }
  }
}
