package io.shardfire.worker.tokenizer;

import io.shardfire.worker.tokenizer.TokenizerJson.Merge;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Small vocabularies made by hand. */
final class SampleVocabularies {
  private static final List<Merge> MERGES =
      List.of(
          new Merge("t", "h"),
          new Merge("th", "e"),
          new Merge("\u0120", "the"),
          new Merge("i", "n"),
          new Merge("\u00C3", "\u00A9"),
          new Merge("a", "in"));

  private SampleVocabularies() {}

  /** 256 letters, six merges and the end of text: 263 ids. */
  static String bytePairs() {
    List<String> vocabulary = new ArrayList<>(ByteLevel.alphabet());
    MERGES.forEach(merge -> vocabulary.add(merge.product()));
    return TokenizerJson.byteLevelBpe(vocabulary, MERGES);
  }

  /** All characters of the text. */
  static String characters(String text, boolean endOfText) {
    TreeSet<Integer> codePoints = new TreeSet<>();
    text.codePoints().forEach(codePoints::add);
    return TokenizerJson.characters(codePoints, endOfText);
  }
}
