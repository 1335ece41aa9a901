package io.shardfire.driver.baseline;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * A prepared corpus as the driver and the tasks of a job read it. Tasks get it by value.
 *
 * @param hadoop of the driver
 */
record TokenSource(String folder, Broadcast<SerializableConfiguration> hadoop)
    implements Serializable {
  static TokenSource of(JavaSparkContext spark, String folder) {
    return new TokenSource(
        folder, spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())));
  }

  TokenIndex index() {
    return TokenIndex.read(configuration(), new Path(folder));
  }

  /**
   * Tokens of a split.
   *
   * @throws DataException when there are fewer than {@code least}
   */
  long tokens(TokenSplit split, long least) {
    long tokens = index().tokens(split);
    if (tokens < least) {
      throw new DataException(
          "The corpus is too small to compare models on; prepare a larger one: folder="
              + folder
              + ", split="
              + split
              + ", tokens="
              + tokens
              + ", needed="
              + least);
    }
    return tokens;
  }

  /** Opens the corpus; the caller closes it. */
  TokenDataset open() {
    return TokenDataset.open(configuration(), new Path(folder));
  }

  /** Opens the corpus until the running task ends. */
  TokenDataset openForTask() {
    TokenDataset data = open();
    TaskCompletionListener close = context -> data.close();
    TaskContext.get().addTaskCompletionListener(close);
    return data;
  }

  private Configuration configuration() {
    return hadoop.value().value();
  }
}
