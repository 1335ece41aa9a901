package io.shardfire.driver.corpus;

import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.PreTokenizer;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import scala.Tuple2;

/**
 * Task: counts the pre-tokens in the training text of one part. A task holds its distinct
 * pre-tokens in memory.
 */
record WordCounting(SplitReading reading, SpecialTokens special)
    implements PairFlatMapFunction<CorpusPart, String, Long> {
  @Override
  public Iterator<Tuple2<String, Long>> call(CorpusPart part) {
    Map<String, Long> counts = new HashMap<>();
    reading.read(
        part,
        (document, split, text, last) -> {
          if (split == TokenSplit.TRAIN) {
            count(text, counts);
          }
        });
    return counts.entrySet().stream()
        .map(entry -> new Tuple2<>(entry.getKey(), entry.getValue()))
        .iterator();
  }

  /** Nothing is learned from what spells the end-of-text token where it is that token. */
  private void count(String text, Map<String, Long> counts) {
    if (special == SpecialTokens.TEXT) {
      PreTokenizer.split(text, word -> counts.merge(word, 1L, Long::sum));
      return;
    }
    for (int begin = 0; begin < text.length(); ) {
      int special = text.indexOf(TokenizerJson.END_OF_TEXT, begin);
      int end = special < 0 ? text.length() : special;
      PreTokenizer.split(text.substring(begin, end), word -> counts.merge(word, 1L, Long::sum));
      begin = special < 0 ? end : end + TokenizerJson.END_OF_TEXT.length();
    }
  }

  /**
   * The counts of the whole training text, in no particular order. They are collected on the
   * driver, which needs about 200 bytes for each distinct pre-token.
   */
  static List<WordCount> run(
      JavaRDD<CorpusPart> parts, SplitReading reading, SpecialTokens special) {
    return parts
        .flatMapToPair(new WordCounting(reading, special))
        .reduceByKey(Long::sum)
        .collect()
        .stream()
        .map(counted -> new WordCount(counted._1(), counted._2()))
        .toList();
  }
}
