package io.shardfire.driver.baseline;

import io.shardfire.worker.baseline.ExpectedCounts;
import io.shardfire.worker.baseline.HiddenMarkovModel;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * A hidden Markov model of a prepared corpus: the expectation step by Spark, on parts that depend
 * on the corpus alone and whose counts are added in their order, so that every cluster finds the
 * same model.
 */
public final class HmmBaseline {
  private static final long MOST_PARTS = 64;
  private static final long FEWEST_SEQUENCES = 16;
  private static final int BLOCK_TOKENS = 1 << 14;

  private HmmBaseline() {}

  /**
   * Estimates the model on the training split and evaluates it on the whole validation split.
   *
   * @param data folder of the corpus
   * @param progress told the training loss in nats per token before each maximisation step
   */
  public static BaselineReport run(
      SparkSession session, String data, HmmConfiguration settings, DoubleConsumer progress) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    TokenSource source = TokenSource.of(spark, data);
    long trainTokens = source.tokens(TokenSplit.TRAIN, settings.sequenceLength());
    long validationTokens = source.tokens(TokenSplit.VALIDATION, 1);
    try (TokenDataset corpus = source.open()) {
      HiddenMarkovModel model =
          HiddenMarkovModel.random(settings.states(), corpus.vocabularySize(), settings.seed());
      JavaRDD<int[]> sequences =
          sequences(spark, source, trainTokens, settings.sequenceLength())
              .persist(StorageLevel.MEMORY_AND_DISK());
      for (int iteration = 0; iteration < settings.iterations(); iteration++) {
        ExpectedCounts counts = expect(spark, sequences, model);
        progress.accept(counts.loss());
        model = model.maximized(counts, settings.smoothing());
      }
      sequences.unpersist();
      return new BaselineReport(
          trainTokens,
          validationTokens,
          loss(model, corpus, validationTokens),
          ValidationText.bytes(corpus));
    }
  }

  /** The training split cut into sequences; what is left at its end is not used. */
  private static JavaRDD<int[]> sequences(
      JavaSparkContext spark, TokenSource source, long tokens, int length) {
    long count = tokens / length;
    int parts = (int) Math.max(1, Math.min(MOST_PARTS, count / FEWEST_SEQUENCES));
    List<Long> numbers = LongStream.range(0, parts).boxed().toList();
    return spark
        .parallelize(numbers, parts)
        .flatMap(
            part -> {
              TokenDataset data = source.openForTask();
              return LongStream.range(count * part / parts, count * (part + 1) / parts)
                  .mapToObj(sequence -> read(data, sequence * length, length))
                  .iterator();
            });
  }

  private static int[] read(TokenDataset data, long from, int length) {
    float[] floats = new float[length];
    data.read(TokenSplit.TRAIN, from, floats, 0, length);
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = (int) floats[i];
    }
    return ids;
  }

  private static ExpectedCounts expect(
      JavaSparkContext spark, JavaRDD<int[]> sequences, HiddenMarkovModel model) {
    Broadcast<HiddenMarkovModel> broadcast = spark.broadcast(model);
    JavaRDD<ExpectedCounts> parts =
        sequences
            .mapPartitions(ids -> expect(broadcast.value(), ids))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      // All parts at once, then one after the other to the driver.
      parts.count();
      ExpectedCounts sum = model.counts();
      parts.toLocalIterator().forEachRemaining(sum::add);
      return sum;
    } finally {
      parts.unpersist();
      broadcast.destroy();
    }
  }

  private static Iterator<ExpectedCounts> expect(HiddenMarkovModel model, Iterator<int[]> ids) {
    ExpectedCounts counts = model.counts();
    ids.forEachRemaining(sequence -> model.expect(sequence, counts));
    List<ExpectedCounts> found = new ArrayList<>();
    found.add(counts);
    return found.iterator();
  }

  private static double loss(HiddenMarkovModel model, TokenDataset data, long tokens) {
    HiddenMarkovModel.Filter filter = model.filter();
    float[] block = new float[BLOCK_TOKENS];
    double nats = 0;
    for (long from = 0; from < tokens; from += BLOCK_TOKENS) {
      int count = (int) Math.min(BLOCK_TOKENS, tokens - from);
      data.read(TokenSplit.VALIDATION, from, block, 0, count);
      for (int i = 0; i < count; i++) {
        nats += filter.next((int) block[i]);
      }
    }
    return nats / (double) tokens;
  }
}
