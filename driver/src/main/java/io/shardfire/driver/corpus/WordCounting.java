package io.shardfire.driver.corpus;

import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.PreTokenizer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import scala.Tuple2;

/**
 * Task: counts the pre-tokens in the training text of one part. A task holds its distinct
 * pre-tokens in memory.
 *
 * @param special what text spells a special token, of which nothing is learned; null for none
 */
record WordCounting(SplitReading reading, Pattern special)
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

  private void count(String text, Map<String, Long> counts) {
    if (special == null) {
      PreTokenizer.split(text, word -> counts.merge(word, 1L, Long::sum));
    } else {
      special
          .splitAsStream(text)
          .forEach(part -> PreTokenizer.split(part, word -> counts.merge(word, 1L, Long::sum)));
    }
  }

  /**
   * The counts of the whole training text, in no particular order. They are collected on the
   * driver, which needs about 200 bytes for each distinct pre-token.
   *
   * @param special the special tokens that text may spell
   */
  static List<WordCount> run(
      JavaRDD<CorpusPart> parts, SplitReading reading, List<String> special) {
    Pattern pattern =
        special.isEmpty()
            ? null
            : Pattern.compile(
                special.stream().map(Pattern::quote).collect(Collectors.joining("|")));
    return parts
        .flatMapToPair(new WordCounting(reading, pattern))
        .reduceByKey(Long::sum)
        .collect()
        .stream()
        .map(counted -> new WordCount(counted._1(), counted._2()))
        .toList();
  }
}
