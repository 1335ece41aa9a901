package io.shardfire.driver.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts rows at the stages of a curation, by source. Reads no texts. */
final class StageCounts {
  private final List<String> origins;
  private final Map<List<Integer>, long[]> states;
  private final Map<List<Integer>, long[]> unique;
  private final Map<List<Integer>, long[]> left;

  /**
   * Counts.
   *
   * @param origins names of the sources
   * @param rows all that were read
   * @param unique those with a text, without exact duplicates
   * @param left these without near duplicates
   */
  StageCounts(List<String> origins, Dataset<Row> rows, Dataset<Row> unique, Dataset<Row> left) {
    Column one = count(lit(1));
    this.origins = List.copyOf(origins);
    this.states = grouped(rows, List.of(RowStaging.ORIGIN, RowSelection.STATE), one);
    this.unique = grouped(unique, List.of(RowStaging.ORIGIN), one);
    this.left = grouped(left, List.of(RowStaging.ORIGIN), one, sum(col(RowSelection.BYTES)));
  }

  private static Map<List<Integer>, long[]> grouped(
      Dataset<Row> rows, List<String> keys, Column first, Column... others) {
    Column[] by = keys.stream().map(key -> col(key)).toArray(Column[]::new);
    Map<List<Integer>, long[]> groups = new HashMap<>();
    for (Row group : rows.groupBy(by).agg(first, others).collectAsList()) {
      List<Integer> key = IntStream.range(0, keys.size()).mapToObj(group::getInt).toList();
      groups.put(
          key, IntStream.range(keys.size(), group.length()).mapToLong(group::getLong).toArray());
    }
    return groups;
  }

  private static long value(Map<List<Integer>, long[]> groups, int index, Integer... key) {
    long[] values = groups.get(List.of(key));
    return values == null ? 0 : values[index];
  }

  /** Bytes of text of each source that are left. */
  List<Long> bytes() {
    return IntStream.range(0, origins.size()).mapToObj(origin -> value(left, 1, origin)).toList();
  }

  /**
   * All counts.
   *
   * @param mixed what is left, and how often it stands in the mixture
   */
  List<SourceCounts> of(Dataset<Row> mixed) {
    Column copies = col(RowStaging.COPIES).cast("long");
    Map<List<Integer>, long[]> mixture =
        grouped(
            mixed,
            List.of(RowStaging.ORIGIN),
            sum(copies),
            sum(copies.multiply(col(RowSelection.BYTES))));
    List<SourceCounts> counts = new ArrayList<>();
    for (int origin = 0; origin < origins.size(); origin++) {
      long kept = value(states, 0, origin, RowSelection.KEPT);
      long filtered = value(states, 0, origin, RowSelection.FILTERED);
      long blank = value(states, 0, origin, RowSelection.BLANK);
      long unlabelled = value(states, 0, origin, RowSelection.UNLABELLED);
      long malformed = value(states, 0, origin, RowSelection.MALFORMED);
      long spelling = value(states, 0, origin, RowSelection.SPELLED);
      long different = value(unique, 0, origin);
      long documents = value(left, 0, origin);
      counts.add(
          new SourceCounts(
              origins.get(origin),
              kept + filtered + blank + unlabelled + malformed + spelling,
              filtered,
              blank,
              unlabelled,
              malformed,
              spelling,
              kept - different,
              different - documents,
              documents,
              value(mixture, 0, origin),
              value(mixture, 1, origin)));
    }
    return counts;
  }
}
