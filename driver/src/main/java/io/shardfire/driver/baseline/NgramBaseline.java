package io.shardfire.driver.baseline;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** An n-gram model of a prepared corpus, counted and evaluated by Spark. */
public final class NgramBaseline {
  private static final int LONGEST = 16;
  private static final String PARTITIONS = "spark.sql.shuffle.partitions";

  private NgramBaseline() {}

  /**
   * Estimates the model on the training split and evaluates it on the whole validation split.
   *
   * @param data folder of the corpus
   * @param order tokens of the longest n-gram, from 1 to 16
   * @param listener told how far it is
   */
  public static BaselineReport run(
      SparkSession session, String data, int order, NgramListener listener) {
    if (order < 1 || order > LONGEST) {
      throw new IllegalArgumentException(
          "An n-gram has from 1 to " + LONGEST + " tokens; choose another order: order=" + order);
    }
    SparkSession own = session.newSession();
    if (!session.sparkContext().conf().contains(PARTITIONS)) {
      own.conf().set(PARTITIONS, 2L * session.sparkContext().defaultParallelism());
    }
    TokenSource source =
        TokenSource.of(JavaSparkContext.fromSparkContext(session.sparkContext()), data);
    long trainTokens = source.tokens(TokenSplit.TRAIN, order);
    long validationTokens = source.tokens(TokenSplit.VALIDATION, order);
    try (TokenDataset corpus = source.open();
        ModifiedKneserNey model =
            ModifiedKneserNey.estimate(
                TokenWindows.table(own, source, TokenSplit.TRAIN, order),
                order,
                corpus.vocabularySize(),
                listener)) {
      listener.evaluating();
      double loss = model.loss(TokenWindows.table(own, source, TokenSplit.VALIDATION, order));
      return new BaselineReport(trainTokens, validationTokens, loss, ValidationText.bytes(corpus));
    }
  }
}
