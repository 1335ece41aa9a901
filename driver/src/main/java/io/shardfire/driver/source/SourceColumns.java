package io.shardfire.driver.source;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.AtomicType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * The columns of a source that its mapping names, checked against what their roles need.
 *
 * @param source for messages
 * @param columns which they are
 * @param rows of the source
 */
record SourceColumns(String source, ColumnMapping columns, Dataset<Row> rows) {
  /** The column of a role, which must be text. */
  Column text(String role) {
    StructField field = existing(role);
    if (!(field.dataType() instanceof StringType)) {
      throw refused("Column holds no text", role, field, "Choose another, or cast it to string");
    }
    return column(field);
  }

  /** The column of labels, as Spark writes their type. */
  Column label() {
    StructField field = existing(ColumnMapping.LABEL);
    if (!(field.dataType() instanceof AtomicType) || field.dataType() instanceof BinaryType) {
      throw refused(
          "Column holds no label",
          ColumnMapping.LABEL,
          field,
          "Expected one number, string, boolean or date a row; choose another, or make it");
    }
    return column(field).cast(DataTypes.StringType);
  }

  /** The column of conversations, in the form that {@link Conversations} takes. */
  Column messages() {
    StructField field = existing(ColumnMapping.MESSAGES);
    return Conversations.read(column(field), field.dataType())
        .orElseThrow(
            () ->
                refused(
                    "Column holds no messages",
                    ColumnMapping.MESSAGES,
                    field,
                    "Expected array<struct<role:string,content:string>>, or its JSON in a string;"
                        + " choose another, or make it"));
  }

  private StructField existing(String role) {
    String name = columns.columns().get(role);
    return find(List.of(rows.schema().fields()), name)
        .orElseThrow(
            () ->
                new SourceException(
                    "No such column: source=%s columns.%s=%s, the source has %s. Set columns.%s to one of them"
                        .formatted(source, role, name, Arrays.toString(rows.columns()), role)));
  }

  private Column column(StructField field) {
    return rows.col("`" + field.name().replace("`", "``") + "`");
  }

  private SourceException refused(String finding, String role, StructField field, String remedy) {
    return new SourceException(
        "%s: source=%s columns.%s=%s type=%s. %s with sql"
            .formatted(
                finding,
                source,
                role,
                columns.columns().get(role),
                shown(field.dataType()),
                remedy));
  }

  private static String shown(DataType type) {
    return type.sql().toLowerCase(Locale.ROOT);
  }

  /** By the very name, or where there is none as Spark does, ignoring case. */
  static Optional<StructField> find(List<StructField> fields, String name) {
    return fields.stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .or(() -> fields.stream().filter(field -> field.name().equalsIgnoreCase(name)).findFirst());
  }
}
