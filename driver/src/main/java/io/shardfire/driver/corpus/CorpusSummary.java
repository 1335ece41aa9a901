package io.shardfire.driver.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * The scans of all parts put together.
 *
 * @param documents in the corpus
 * @param textBytes UTF-8 bytes of the documents, without separators
 * @param codePoints of the whole text, with separators
 * @param positions of each part's first code point in the whole text, by part index
 * @param characters the distinct code points
 */
record CorpusSummary(
    long documents,
    long textBytes,
    long codePoints,
    List<Long> positions,
    NavigableSet<Integer> characters) {
  /** Adds the scans up, in part order. None failed. */
  static CorpusSummary of(List<ScanResult> scans) {
    long documents = 0;
    long textBytes = 0;
    long codePoints = 0;
    List<Long> positions = new ArrayList<>();
    NavigableSet<Integer> characters = new TreeSet<>();
    for (ScanResult scan : scans) {
      positions.add(codePoints);
      documents += scan.documents();
      textBytes += scan.textBytes();
      codePoints += scan.codePoints();
      scan.characters().stream().forEach(characters::add);
    }
    return new CorpusSummary(documents, textBytes, codePoints, positions, characters);
  }
}
