package io.shardfire.driver.corpus;

import java.util.BitSet;
import org.apache.spark.api.java.function.Function;

/**
 * Task: reads one part to check and measure it. Malformed text or a damaged file is a result rather
 * than an exception, so that Spark does not try again in vain, and the driver reports the first one
 * in reading order, whichever task ends first.
 */
record CorpusScan(CorpusSource source) implements Function<CorpusPart, ScanResult> {
  @Override
  public ScanResult call(CorpusPart part) {
    Tally tally = new Tally();
    CorpusException failure = null;
    try {
      source.read(part, tally::add);
    } catch (TransientCorpusException e) {
      throw e;
    } catch (CorpusException e) {
      failure = e;
    }
    if (tally.documents > 0) {
      source.separator().codePoints().forEach(tally.characters::set);
    }
    return new ScanResult(
        tally.documents,
        tally.textBytes,
        tally.codePoints + tally.documents * source.separator().length(),
        tally.characters,
        failure);
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
