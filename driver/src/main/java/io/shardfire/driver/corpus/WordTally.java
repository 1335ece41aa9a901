package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.PieceTable;
import io.shardfire.worker.tokenizer.PreTokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Counts words (pre-tokens) in bounded memory. Not thread-safe.
 *
 * <p>The rule of the bound: as soon as there are {@code largest} distinct words, or they have
 * sixteen times as many characters together, those of the smallest counts are forgotten, as few
 * counts as leave at most half the words. What a tally holds therefore depends on the text alone.
 * Memory: about 50 bytes a word of English.
 *
 * <pre>
 * written form, for each word:  int32 bytes  utf-8[bytes]  int64 count     (big-endian)
 * </pre>
 */
final class WordTally {
  private static final int CHARACTERS_A_WORD = 16;

  private final int largest;
  private long longest;
  private PieceTable words = new PieceTable();
  private long[] counts = new long[1 << 10];

  /**
   * @param largest distinct words held, at least 2
   */
  WordTally(int largest) {
    this.largest = largest;
    this.longest = (long) CHARACTERS_A_WORD * largest;
  }

  /** A tally that forgets nothing. */
  static WordTally unbounded() {
    return new WordTally(Integer.MAX_VALUE);
  }

  /** Distinct words. */
  int size() {
    return words.size();
  }

  /** Counts the words of a text. */
  void count(String text) {
    PreTokenizer.split(text, (whole, begin, end) -> add(whole, begin, end, 1));
  }

  private void add(String text, int begin, int end, long count) {
    int known = words.size();
    int word = words.add(text, begin, end);
    if (word == counts.length) {
      counts = Arrays.copyOf(counts, 2 * word);
    }
    counts[word] = word == known ? count : counts[word] + count;
    if (words.size() >= largest || words.length() >= longest) {
      forget();
    }
  }

  private void forget() {
    long[] ascending = Arrays.copyOf(counts, words.size());
    Arrays.sort(ascending);
    long most = ascending[(words.size() - 1) / 2];
    PieceTable all = words;
    words = new PieceTable();
    for (int word = 0; word < all.size(); word++) {
      if (counts[word] > most) {
        String kept = all.piece(word);
        // Words move to the front, never behind where they stood.
        counts[words.add(kept, 0, kept.length())] = counts[word];
      }
    }
    longest = Math.max(longest, 2L * words.length());
  }

  /** Adds what another tally wrote. */
  void addWritten(byte[] written) {
    forEach(written, (word, count) -> add(word, 0, word.length(), count));
  }

  /** Takes words with their counts. */
  @FunctionalInterface
  interface Sink {
    /** Takes a word. */
    void accept(String word, long count);
  }

  /** Hands over what a tally wrote. */
  static void forEach(byte[] written, Sink sink) {
    ByteBuffer in = ByteBuffer.wrap(written);
    while (in.hasRemaining()) {
      byte[] utf8 = new byte[in.getInt()];
      in.get(utf8);
      sink.accept(new String(utf8, StandardCharsets.UTF_8), in.getLong());
    }
  }

  /** The words divided by their hashes, each bucket in written form. */
  List<byte[]> buckets(int buckets) {
    List<ByteArrayOutputStream> written =
        Stream.generate(ByteArrayOutputStream::new).limit(buckets).toList();
    for (int word = 0; word < words.size(); word++) {
      String text = words.piece(word);
      write(text, counts[word], written.get(Math.floorMod(text.hashCode(), buckets)));
    }
    return written.stream().map(ByteArrayOutputStream::toByteArray).toList();
  }

  /** The most frequent words, in written form; of equal counts those that come first as strings. */
  byte[] mostFrequent(int limit) {
    IntStream chosen = IntStream.range(0, words.size());
    if (words.size() > limit) {
      Comparator<Integer> rarer = Comparator.comparingLong(word -> -counts[word]);
      chosen =
          chosen
              .boxed()
              .sorted(rarer.thenComparing(words::piece))
              .limit(limit)
              .mapToInt(Integer::intValue);
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    chosen.forEach(word -> write(words.piece(word), counts[word], written));
    return written.toByteArray();
  }

  private static void write(String word, long count, ByteArrayOutputStream out) {
    byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).array());
    out.writeBytes(utf8);
    out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(count).array());
  }
}
