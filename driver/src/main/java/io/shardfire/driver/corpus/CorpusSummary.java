package io.shardfire.driver.corpus;

import java.util.List;
import java.util.SortedSet;
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
    long[] positions,
    SortedSet<Integer> characters) {
  /** Adds the scans up, in part order. None failed. */
  static CorpusSummary of(List<ScanResult> scans) {
    long documents = 0;
    long textBytes = 0;
    long codePoints = 0;
    long[] positions = new long[scans.size()];
    SortedSet<Integer> characters = new TreeSet<>();
    for (int part = 0; part < positions.length; part++) {
      ScanResult scan = scans.get(part);
      positions[part] = codePoints;
      documents += scan.documents();
      textBytes += scan.textBytes();
      codePoints += scan.codePoints();
      for (int codePoint : scan.characters()) {
        characters.add(codePoint);
      }
    }
    return new CorpusSummary(documents, textBytes, codePoints, positions, characters);
  }
}
