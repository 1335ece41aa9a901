package io.shardfire.driver.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.udf;

import java.text.Normalizer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;

/**
 * Finds duplicates among rows with {@value RowStaging#ORIGIN}, {@link RowSelection#ID} and texts.
 * Of documents that count as the same, the one with the smallest (origin, id) stays.
 *
 * @param document the text that is compared
 */
record Deduplicator(Column document) {
  private static final int SHA_BITS = 256;

  /** The rows without those whose normalised text another one has. */
  Dataset<Row> withoutExact(Dataset<Row> rows) {
    Column normalised =
        udf((UDF1<String, String>) Deduplicator::normalised, DataTypes.StringType).apply(document);
    Column place =
        row_number()
            .over(
                Window.partitionBy(sha2(normalised, SHA_BITS))
                    .orderBy(col(RowStaging.ORIGIN), col(RowSelection.ID)));
    return rows.withColumn("place", place).filter(col("place").equalTo(1)).drop("place");
  }

  /**
   * The ids of the rows that share a band with a row that comes before them. What they are near to
   * may itself be such a row.
   *
   * @param rows no two with the same id
   */
  Dataset<Row> near(Dataset<Row> rows) {
    Column bands =
        udf(
                (UDF1<String, long[]>) MinHash::bands,
                DataTypes.createArrayType(DataTypes.LongType, false))
            .apply(document);
    Column rank = struct(col(RowStaging.ORIGIN), col(RowSelection.ID));
    return rows.select(rank.as("rank"), explode(bands).as("band"))
        .withColumn("first", min(col("rank")).over(Window.partitionBy("band")))
        .filter(col("rank").notEqual(col("first")))
        .select(col("rank").getField(RowSelection.ID).as(RowSelection.ID))
        .distinct();
  }

  /** Unicode's form NFC, with every run of blanks as one space and none at the ends. */
  static String normalised(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFC)
        .replaceAll("[\\p{javaWhitespace}]+", " ")
        .strip();
  }
}
