package io.shardfire.driver.corpus;

import io.shardfire.worker.data.TokenSplit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import scala.Tuple2;

/**
 * Task: counts the pre-tokens in the training text of one part. Where the split follows from each
 * document alone, the task that scans a part counts them meanwhile.
 *
 * @param special what text spells a special token, of which nothing is learned; null for none
 * @param buckets the words are divided into, for as many tasks that add up the counts of all parts
 */
record WordCounting(SplitReading reading, Pattern special, int buckets)
    implements Function<CorpusPart, PartWords> {
  /** Distinct words that a task holds. */
  static final int LARGEST_PART = 1 << 20;

  /** Distinct words that merges are learned from. */
  static final int LARGEST_CORPUS = 1 << 20;

  private static final int MOST_BUCKETS = 256;

  /**
   * @param specials the special tokens that text may spell
   * @param parts of the corpus
   */
  static WordCounting of(SplitReading reading, List<String> specials, int parts) {
    Pattern pattern =
        specials.isEmpty()
            ? null
            : Pattern.compile(
                specials.stream().map(Pattern::quote).collect(Collectors.joining("|")));
    return new WordCounting(reading, pattern, buckets(parts));
  }

  /** How many buckets the words of a corpus are divided into. */
  static int buckets(int parts) {
    return Math.min(parts, MOST_BUCKETS);
  }

  @Override
  public PartWords call(CorpusPart part) {
    WordTally words = new WordTally(LARGEST_PART);
    reading.read(part, (document, split, text, last) -> count(split, text, words));
    return finish(words);
  }

  /** Counts a document, where the split does not depend on its place. */
  void count(Document document, WordTally words) {
    reading.assign(document, 0, (same, split, text, last) -> count(split, text, words));
  }

  /** The counts for those who add them up. */
  PartWords finish(WordTally words) {
    return new PartWords(words.buckets(buckets));
  }

  private void count(TokenSplit split, String text, WordTally words) {
    if (split != TokenSplit.TRAIN) {
      return;
    }
    if (special == null) {
      words.count(text);
    } else {
      special.splitAsStream(text).forEach(words::count);
    }
  }

  /**
   * The counts of the whole training text, in no particular order, as the driver holds them. Where
   * there are more than {@link #LARGEST_CORPUS} distinct words, each bucket keeps its share of that
   * number, the most frequent ones.
   */
  static List<WordCount> sum(JavaRDD<PartWords> parts, int buckets) {
    int share = Math.max(1, LARGEST_CORPUS / buckets);
    List<WordCount> words = new ArrayList<>();
    parts
        .flatMapToPair(WordCounting::numbered)
        .partitionBy(new HashPartitioner(buckets))
        .values()
        .mapPartitions(written -> List.of(sum(written).mostFrequent(share)).iterator())
        .collect()
        .forEach(
            bucket ->
                WordTally.forEach(bucket, (word, count) -> words.add(new WordCount(word, count))));
    return words;
  }

  private static Iterator<Tuple2<Integer, byte[]>> numbered(PartWords part) {
    List<Tuple2<Integer, byte[]>> numbered = new ArrayList<>();
    for (byte[] bucket : part.buckets()) {
      numbered.add(new Tuple2<>(numbered.size(), bucket));
    }
    return numbered.iterator();
  }

  private static WordTally sum(Iterator<byte[]> written) {
    WordTally sum = WordTally.unbounded();
    written.forEachRemaining(sum::addWritten);
    return sum;
  }
}
