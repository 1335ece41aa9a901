package io.shardfire.driver.corpus;

import io.shardfire.worker.data.TokenSplit;
import java.io.Serializable;
import java.util.List;

/**
 * Reads parts with the split of every stretch of text.
 *
 * @param source how documents are read
 * @param rule how they are shared out
 * @param positions of each part's first code point in the whole corpus, by part index
 */
record SplitReading(CorpusSource source, SplitRule rule, List<Long> positions)
    implements Serializable {
  SplitReading {
    positions = List.copyOf(positions);
  }

  /** Takes a document, or a stretch of one, separator included. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes it.
     *
     * @param document where the text comes from
     * @param split where it goes
     * @param text never empty
     * @param last whether the document ends here; of a pair, source and target are documents
     */
    void accept(Document document, TokenSplit split, String text, boolean last);
  }

  /** Reads one part, in order. */
  void read(CorpusPart part, Sink sink) {
    long[] position = {positions.get(part.index())};
    source.read(
        part,
        document -> {
          assign(document, position[0], sink);
          position[0] += source.codePoints(document);
        });
  }

  /**
   * Hands one document over.
   *
   * @param position of its first code point in the whole corpus
   */
  void assign(Document document, long position, Sink sink) {
    if (document.isPair()) {
      // By the source, so that no source is on both sides.
      TokenSplit split = rule.splitOf(document.text(), position);
      sink.accept(document, split, document.text(), true);
      sink.accept(document, split, document.target(), true);
    } else {
      rule.assign(
          document.text(),
          source.separator(),
          position,
          (split, text, last) -> sink.accept(document, split, text, last));
    }
  }
}
