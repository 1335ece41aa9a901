package io.shardfire.driver.corpus;

import java.util.BitSet;
import org.apache.spark.api.java.function.Function;

/**
 * Task: reads one part to check and measure it. Malformed text or a damaged file is a result rather
 * than an exception, so that Spark does not try again in vain, and the driver reports the first one
 * in reading order, whichever task ends first.
 *
 * @param counting counts the words in the same pass; null where words are not counted, or can only
 *     be once the size of the whole text is known
 */
record CorpusScan(CorpusSource source, WordCounting counting)
    implements Function<CorpusPart, PartScan> {
  @Override
  public PartScan call(CorpusPart part) {
    Tally tally = new Tally();
    WordTally words = new WordTally(WordCounting.LARGEST_PART);
    CorpusException failure = null;
    try {
      source.read(
          part,
          document -> {
            tally.add(document);
            if (counting != null) {
              counting.count(document, words);
            }
          });
    } catch (TransientCorpusException e) {
      throw e;
    } catch (CorpusException e) {
      failure = e;
    }
    if (tally.documents > 0) {
      source.separator().codePoints().forEach(tally.characters::set);
    }
    return new PartScan(
        new ScanResult(
            tally.documents,
            tally.textBytes,
            tally.codePoints + tally.documents * source.separator().length(),
            tally.characters,
            failure),
        counting == null ? PartWords.NONE : counting.finish(words));
  }

  private static final class Tally {
    private final BitSet characters = new BitSet();
    private long documents;
    private long textBytes;
    private long codePoints;

    private void add(Document document) {
      documents++;
      add(document.text());
      if (document.isPair()) {
        add(document.target());
      }
    }

    private void add(String text) {
      textBytes += StrictUtf8.length(text);
      for (int i = 0; i < text.length(); ) {
        int codePoint = text.codePointAt(i);
        characters.set(codePoint);
        i += Character.charCount(codePoint);
        codePoints++;
      }
    }
  }
}
