package io.shardfire.driver.baseline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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

  /** Counts up to here are told apart where discounts are estimated. */
  private static final int RARE = 4;

  /** Losses are summed as whole numbers of this part of a nat, so that no order matters. */
  private static final double UNITS = 1 << 30;

  private final int vocabularySize;

  /** The unigrams first. */
  private final Deque<Order> orders = new ArrayDeque<>();

  private ModifiedKneserNey(int vocabularySize) {
    this.vocabularySize = vocabularySize;
  }

  /**
   * The n-grams of k tokens.
   *
   * @param table their tokens and counts, and what has fewer tokens before it or no count
   */
  private record Order(int k, Dataset<Row> table, Discounts discounts) {
    Dataset<Row> counted() {
      return ModifiedKneserNey.counted(table, k);
    }
  }

  /**
   * Counts, the longest n-grams first: each order is made of the one above.
   *
   * @param windows of the training split, as {@link TokenWindows} has them
   * @param order n, the tokens of the longest n-gram
   */
  static ModifiedKneserNey estimate(
      Dataset<Row> windows, int order, int vocabularySize, NgramListener listener) {
    ModifiedKneserNey model = new ModifiedKneserNey(vocabularySize);
    for (int k = order; k >= 1; k--) {
      listener.counting(k);
      Dataset<Row> table =
          k == order
              ? windows.groupBy(columns(0, k)).agg(count(lit(1)).as(COUNT))
              : shortened(model.orders.getFirst().table(), k);
      table.persist(StorageLevel.MEMORY_AND_DISK());
      long[] rare = countsOfCounts(counted(table, k));
      listener.counted(k, LongStream.of(rare).sum());
      model.orders.addFirst(new Order(k, table, Discounts.of(rare[1], rare[2], rare[3], rare[4])));
    }
    return model;
  }

  /**
   * The last k tokens of what has one more, and how many of those are different. What the corpus
   * begins with has no token before it: it counts nothing, but for what is shorter still.
   */
  private static Dataset<Row> shortened(Dataset<Row> longer, int k) {
    return longer.groupBy(columns(0, k)).agg(number(isWhole(k + 1)).as(COUNT));
  }

  /** Of n-grams with a count: how many have 1, 2 and so on; those with 5 and more are one. */
  private static long[] countsOfCounts(Dataset<Row> grams) {
    long[] n = new long[RARE + 2];
    Column size = least(col(COUNT), lit(RARE + 1L)).as(COUNT);
    for (Row row : grams.groupBy(size).agg(count(lit(1))).collectAsList()) {
      n[(int) row.getLong(0)] = row.getLong(1);
    }
    return n;
  }

  private static Dataset<Row> counted(Dataset<Row> table, int k) {
    return table.where(isWhole(k).and(col(COUNT).gt(0)));
  }

  /**
   * Mean negative log likelihood in nats.
   *
   * @param windows of the validation split
   */
  double loss(Dataset<Row> windows) {
    // Counted first, so that Spark knows whether they are few enough to go where the n-grams are.
    Dataset<Row> asked = windows.persist(StorageLevel.MEMORY_AND_DISK());
    long tokens = asked.count();
    Dataset<Row> rows = asked.withColumn("p", lit(1.0 / vocabularySize));
    for (Order order : orders) {
      rows = interpolated(rows, asked, order);
    }
    Column units = round(log(col("p")).multiply(-UNITS)).cast("long");
    double nats = (double) rows.agg(sum(units)).first().getLong(0) / UNITS;
    asked.unpersist();
    return nats / (double) tokens;
  }

  /** The probabilities of order k from those of order k-1; a context never seen changes nothing. */
  private static Dataset<Row> interpolated(Dataset<Row> rows, Dataset<Row> asked, Order order) {
    int k = order.k();
    Discounts d = order.discounts();
    Dataset<Row> contexts = totals(among(order.counted(), asked, 1, k), k, d);
    Dataset<Row> grams = among(order.counted(), asked, 0, k);
    Dataset<Row> known =
        k == 1 ? rows.crossJoin(contexts) : rows.join(contexts, names(1, k), "left_outer");
    Column own = col(COUNT).minus(discount(d)).divide(col("total"));
    Column rest = col("mass").divide(col("total"));
    return known
        .join(grams, names(0, k), "left_outer")
        .withColumn("p", coalesce(own, lit(0.0)).plus(coalesce(rest, lit(1.0)).multiply(col("p"))))
        .drop("total", "mass", COUNT);
  }

  /** The n-grams whose tokens of these columns are somewhere in the validation split. */
  private static Dataset<Row> among(Dataset<Row> grams, Dataset<Row> asked, int from, int to) {
    return from == to
        ? grams
        : grams.join(asked.select(columns(from, to)), names(from, to), "left_semi");
  }

  /** Each context of k-1 tokens: the sum of the counts that follow it, and of what is taken off. */
  private static Dataset<Row> totals(Dataset<Row> grams, int k, Discounts d) {
    Column mass =
        number(col(COUNT).equalTo(1))
            .multiply(d.one())
            .plus(number(col(COUNT).equalTo(2)).multiply(d.two()))
            .plus(number(col(COUNT).geq(3)).multiply(d.more()));
    return grams.groupBy(columns(1, k)).agg(sum(col(COUNT)).as("total"), mass.as("mass"));
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
  private static Column isWhole(int k) {
    return col(TokenWindows.column(k - 1)).notEqual(TokenWindows.NONE);
  }

  private static Column[] columns(int from, int to) {
    return Stream.of(names(from, to)).map(Column::new).toArray(Column[]::new);
  }

  /** Of the tokens that are so many before the newest, or more, but less than {@code to}. */
  private static String[] names(int from, int to) {
    return IntStream.range(from, to).mapToObj(TokenWindows::column).toArray(String[]::new);
  }

  @Override
  public void close() {
    orders.forEach(order -> order.table().unpersist());
  }
}
