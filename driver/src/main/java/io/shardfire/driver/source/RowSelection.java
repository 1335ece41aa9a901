package io.shardfire.driver.source;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * What is read of each row: {@value #STATE}, {@value #ID}, {@value #BYTES} and the texts, which are
 * null in rows that are not kept.
 *
 * @param source for messages
 * @param columns what is read
 * @param where which rows are kept; empty for all
 */
record RowSelection(String source, ColumnMapping columns, String where) {
  static final String STATE = "state";
  static final String ID = "id";
  static final String BYTES = "bytes";

  /** States. */
  static final int KEPT = 0;

  static final int FILTERED = 1;
  static final int BLANK = 2;

  private static final int SHA_BITS = 256;

  /** Selects. */
  Dataset<Row> of(Dataset<Row> rows) {
    List<Column> texts = new ArrayList<>();
    List<Column> asked = new ArrayList<>();
    for (String role : columns.roles()) {
      asked.add(rows.col(quoted(existing(rows, role))).as(role));
      texts.add(col(role));
    }
    Dataset<Row> read =
        SourceReader.attempt(
            "Cannot filter: source=%s where=%s".formatted(source, where),
            "",
            () -> {
              asked.add(matches().as(STATE));
              return rows.select(asked.toArray(Column[]::new));
            });
    Column blank = lit(false);
    for (Column text : texts) {
      blank = blank.or(text.isNull()).or(text.rlike("[^\\p{javaWhitespace}]").equalTo(false));
    }
    Column state = when(col(STATE).equalTo(false), FILTERED).when(blank, BLANK).otherwise(KEPT);
    Dataset<Row> judged = read.withColumn(STATE, state);
    for (String role : columns.roles()) {
      judged = judged.withColumn(role, when(col(STATE).equalTo(KEPT), col(role)));
    }
    Column document = document(columns.roles());
    return judged
        .withColumn(ID, when(col(STATE).equalTo(KEPT), sha2(document, SHA_BITS)))
        .withColumn(BYTES, when(col(STATE).equalTo(KEPT), octet_length(document)));
  }

  /** The text of a row that tells documents apart; of a pair both. */
  static Column document(List<String> roles) {
    return concat_ws("\n", roles.stream().map(role -> col(role)).toArray(Column[]::new));
  }

  private Column matches() {
    return where.isBlank() ? lit(true) : coalesce(expr(where), lit(false));
  }

  private String existing(Dataset<Row> rows, String role) {
    String name = columns.columns().get(role);
    StructField field =
        find(rows, name)
            .orElseThrow(
                () ->
                    new SourceException(
                        "No such column: source=%s columns.%s=%s, the source has %s. Set columns.%s to one of them"
                            .formatted(source, role, name, Arrays.toString(rows.columns()), role)));
    if (!(field.dataType() instanceof StringType)) {
      throw new SourceException(
          "Column holds no text: source=%s columns.%s=%s type=%s. Choose another, or cast it to string with sql"
              .formatted(source, role, name, field.dataType().sql().toLowerCase(Locale.ROOT)));
    }
    return field.name();
  }

  /** By the very name, or where there is none as Spark does, ignoring case. */
  private static Optional<StructField> find(Dataset<Row> rows, String name) {
    List<StructField> fields = List.of(rows.schema().fields());
    return fields.stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .or(() -> fields.stream().filter(field -> field.name().equalsIgnoreCase(name)).findFirst());
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
