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
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What is read of each row: {@value #STATE}, {@value #ID}, {@value #BYTES} and the {@linkplain
 * RowContent#fields() fields} of its document, which are null in rows that are not kept.
 *
 * @param source for messages
 * @param columns what is read
 * @param where which rows are kept; empty for all
 * @param specials special tokens that no conversation may spell
 */
record RowSelection(String source, ColumnMapping columns, String where, List<String> specials) {
  static final String STATE = "state";
  static final String ID = "id";
  static final String BYTES = "bytes";

  /** States. */
  static final int KEPT = 0;

  static final int FILTERED = 1;
  static final int BLANK = 2;
  static final int UNLABELLED = 3;
  static final int MALFORMED = 4;
  static final int SPELLED = 5;

  private static final int SHA_BITS = 256;

  RowSelection {
    specials = List.copyOf(specials);
  }

  /** Selects. */
  Dataset<Row> of(Dataset<Row> rows) {
    List<Column> asked = asked(new SourceColumns(source, columns, rows));
    Dataset<Row> read =
        SourceReader.attempt(
            "Cannot filter: source=%s where=%s".formatted(source, where),
            "",
            () -> {
              asked.add(matches().as(STATE));
              return rows.select(asked.toArray(Column[]::new));
            });
    Dataset<Row> judged =
        read.withColumn(STATE, when(col(STATE).equalTo(false), FILTERED).otherwise(state()));
    List<String> fields = columns.content().fields();
    for (String field : fields) {
      judged = judged.withColumn(field, when(col(STATE).equalTo(KEPT), text(field)));
    }
    Column document = document(fields);
    return judged
        .drop(ColumnMapping.MESSAGES)
        .withColumn(ID, when(col(STATE).equalTo(KEPT), sha2(document, SHA_BITS)))
        .withColumn(BYTES, when(col(STATE).equalTo(KEPT), octet_length(document)));
  }

  /** The columns under the names of the fields that they become; conversations as they are. */
  private List<Column> asked(SourceColumns found) {
    List<Column> asked = new ArrayList<>();
    if (columns.content() == RowContent.CONVERSATION) {
      asked.add(found.messages().as(ColumnMapping.MESSAGES));
    } else if (labelled()) {
      asked.add(found.text(ColumnMapping.TEXT).as(ColumnMapping.SOURCE));
      asked.add(found.label().as(ColumnMapping.TARGET));
    } else {
      columns.content().fields().forEach(field -> asked.add(found.text(field).as(field)));
    }
    return asked;
  }

  private boolean labelled() {
    return columns.columns().containsKey(ColumnMapping.LABEL);
  }

  private Column state() {
    return switch (columns.content()) {
      case TEXT -> when(blank(col(ColumnMapping.TEXT)), BLANK).otherwise(KEPT);
      case PAIR ->
          when(blank(col(ColumnMapping.SOURCE)), BLANK)
              .when(blank(col(ColumnMapping.TARGET)), labelled() ? UNLABELLED : BLANK)
              .otherwise(KEPT);
      case CONVERSATION -> Conversations.state(col(ColumnMapping.MESSAGES), specials);
    };
  }

  private Column text(String field) {
    return columns.content() == RowContent.CONVERSATION
        ? Conversations.text(col(ColumnMapping.MESSAGES))
        : col(field);
  }

  /** Whether there is no text, or white space only. */
  static Column blank(Column text) {
    return text.isNull().or(text.rlike("[^\\p{javaWhitespace}]").equalTo(false));
  }

  /** The text of a row that tells documents apart; of a pair both. */
  static Column document(List<String> fields) {
    return concat_ws("\n", fields.stream().map(field -> col(field)).toArray(Column[]::new));
  }

  private Column matches() {
    return where.isBlank() ? lit(true) : coalesce(expr(where), lit(false));
  }
}
