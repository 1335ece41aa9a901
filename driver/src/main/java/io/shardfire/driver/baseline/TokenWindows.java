package io.shardfire.driver.baseline;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A split as a table with a row for every position: in the first column its token, and in each that
 * follows the one before. Where there are fewer before it, the last columns hold {@link #NONE}.
 */
final class TokenWindows implements Iterator<Row> {
  /** Stands for what is before the first token. */
  static final int NONE = -1;

  private static final int BLOCK_TOKENS = 1 << 14;

  private final TokenDataset data;
  private final TokenSplit split;
  private final long end;
  private final int[] window;
  private final float[] block = new float[BLOCK_TOKENS];
  private long position;
  private int inBlock;
  private int blockLength;

  private TokenWindows(TokenDataset data, TokenSplit split, long begin, long end, int order) {
    this.data = data;
    this.split = split;
    this.end = end;
    this.window = new int[order];
    Arrays.fill(window, NONE);
    position = Math.max(0, begin - (order - 1));
    while (position < begin) {
      shift();
    }
  }

  /** The table, in one partition for each core. */
  static Dataset<Row> table(SparkSession session, TokenSource source, TokenSplit split, int order) {
    long tokens = source.tokens(split, order);
    int parts = (int) Math.min(session.sparkContext().defaultParallelism(), tokens);
    MapPartitionsFunction<Long, Row> read =
        numbers -> {
          if (!numbers.hasNext()) {
            return List.<Row>of().iterator();
          }
          long part = numbers.next();
          long begin = tokens / parts * part + Math.min(part, tokens % parts);
          long next = tokens / parts * (part + 1) + Math.min(part + 1, tokens % parts);
          return new TokenWindows(source.openForTask(), split, begin, next, order);
        };
    return session.range(0, parts, 1, parts).mapPartitions(read, Encoders.row(schema(order)));
  }

  /** The column of the token that is so many before the newest. */
  static String column(int before) {
    return "w" + before;
  }

  private static StructType schema(int order) {
    List<StructField> fields = new ArrayList<>();
    for (int i = 0; i < order; i++) {
      fields.add(DataTypes.createStructField(column(i), DataTypes.IntegerType, false));
    }
    return DataTypes.createStructType(fields);
  }

  @Override
  public boolean hasNext() {
    return position < end;
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    shift();
    Object[] values = new Object[window.length];
    Arrays.setAll(values, i -> window[i]);
    return RowFactory.create(values);
  }

  private void shift() {
    if (inBlock == blockLength) {
      blockLength = (int) Math.min(BLOCK_TOKENS, end - position);
      data.read(split, position, block, 0, blockLength);
      inBlock = 0;
    }
    System.arraycopy(window, 0, window, 1, window.length - 1);
    window[0] = (int) block[inBlock++];
    position++;
  }
}
