package io.shardfire.driver.baseline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * An n-gram model with interpolated modified Kneser-Ney smoothing (Chen and Goodman, 1999), as
 * tables. For a context h and the count c of an n-gram, which at the lower orders is the number of
 * different tokens before it:
 *
 * <pre>
 * p(w | h) = max(c(hw) - D(c(hw)), 0) / sum over v of c(hv) + g(h) p(w | h without its oldest)
 * g(h)     = (D1 N1(h) + D2 N2(h) + D3 N3+(h)) / sum over v of c(hv)
 * </pre>
 *
 * <p>Nk(h) is the number of tokens that follow h with a count of k. The lowest order is
 * interpolated with 1/V. Close it to free what Spark keeps of it.
 */
final class ModifiedKneserNey implements AutoCloseable {
  private static final String COUNT = "count";

  /** Losses are summed as whole numbers of this part of a nat, so that no order matters. */
  private static final double UNITS = 1 << 30;

  private final int order;
  private final int vocabularySize;
  private final Dataset<Row> grams;

  /** Tables by order, the unigrams' first. */
  private final List<Dataset<Row>> counts = new ArrayList<>();

  private final List<Discounts> discounts = new ArrayList<>();

  private ModifiedKneserNey(Dataset<Row> grams, int order, int vocabularySize) {
    this.grams = grams;
    this.order = order;
    this.vocabularySize = vocabularySize;
  }

  /**
   * Counts.
   *
   * @param windows of the training split, as {@link TokenWindows} has them
   * @param order n, the tokens of the longest n-gram
   */
  static ModifiedKneserNey estimate(Dataset<Row> windows, int order, int vocabularySize) {
    Dataset<Row> grams =
        windows
            .groupBy(columns(1, order))
            .agg(count(lit(1)).as(COUNT))
            .persist(StorageLevel.MEMORY_AND_DISK());
    ModifiedKneserNey model = new ModifiedKneserNey(grams, order, vocabularySize);
    for (int k = 1; k <= order; k++) {
      Dataset<Row> table = model.counted(k).persist(StorageLevel.MEMORY_AND_DISK());
      model.counts.add(table);
      model.discounts.add(discounts(table));
    }
    return model;
  }

  private Dataset<Row> counted(int k) {
    if (k == order) {
      return grams.where(isWhole(k));
    }
    return grams
        .where(isWhole(k + 1))
        .select(last(k + 1))
        .distinct()
        .groupBy(last(k))
        .agg(count(lit(1)).as(COUNT));
  }

  private static Discounts discounts(Dataset<Row> table) {
    long[] n = new long[5];
    Dataset<Row> rare = table.where(col(COUNT).leq(4)).groupBy(col(COUNT)).agg(count(lit(1)));
    for (Row row : rare.collectAsList()) {
      n[(int) row.getLong(0)] = row.getLong(1);
    }
    return Discounts.of(n[1], n[2], n[3], n[4]);
  }

  /**
   * Mean negative log likelihood in nats.
   *
   * @param windows of the validation split
   */
  double loss(Dataset<Row> windows) {
    Dataset<Row> rows = windows.withColumn("p", lit(1.0 / vocabularySize));
    for (int k = 1; k <= order; k++) {
      rows = interpolated(rows, k);
    }
    Column units = round(log(col("p")).multiply(-UNITS)).cast("long");
    Row row = rows.agg(sum(units), count(lit(1))).first();
    return (double) row.getLong(0) / UNITS / (double) row.getLong(1);
  }

  /** The probabilities of order k from those of order k-1; a context never seen changes nothing. */
  private Dataset<Row> interpolated(Dataset<Row> rows, int k) {
    Discounts d = discounts.get(k - 1);
    Dataset<Row> contexts = contexts(k);
    Dataset<Row> known =
        k == 1
            ? rows.crossJoin(contexts)
            : rows.join(contexts, names(order - k + 1, order - 1), "left_outer");
    Column own = col(COUNT).minus(discount(d)).divide(col("total"));
    Column rest = col("mass").divide(col("total"));
    return known
        .join(counts.get(k - 1), names(order - k + 1, order), "left_outer")
        .withColumn("p", coalesce(own, lit(0.0)).plus(coalesce(rest, lit(1.0)).multiply(col("p"))))
        .drop("total", "mass", COUNT);
  }

  /** Each context of k-1 tokens: the sum of the counts that follow it, and of what is taken off. */
  private Dataset<Row> contexts(int k) {
    Discounts d = discounts.get(k - 1);
    Column mass =
        number(col(COUNT).equalTo(1))
            .multiply(d.one())
            .plus(number(col(COUNT).equalTo(2)).multiply(d.two()))
            .plus(number(col(COUNT).geq(3)).multiply(d.more()));
    return counts
        .get(k - 1)
        .groupBy(columns(order - k + 1, order - 1))
        .agg(sum(col(COUNT)).as("total"), mass.as("mass"));
  }

  private static Column discount(Discounts d) {
    return when(col(COUNT).equalTo(1), d.one())
        .when(col(COUNT).equalTo(2), d.two())
        .otherwise(d.more());
  }

  private static Column number(Column condition) {
    return sum(when(condition, 1L).otherwise(0L));
  }

  /** Whether the last k tokens are there. */
  private Column isWhole(int k) {
    return col("w" + (order - k + 1)).notEqual(TokenWindows.NONE);
  }

  private Column[] last(int k) {
    return columns(order - k + 1, order);
  }

  private static Column[] columns(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(i -> col("w" + i)).toArray(Column[]::new);
  }

  private static String[] names(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(i -> "w" + i).toArray(String[]::new);
  }

  @Override
  public void close() {
    counts.forEach(Dataset::unpersist);
    grams.unpersist();
  }
}
