package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.random.CounterRandom;
import java.util.function.LongUnaryOperator;

/**
 * Spans are cut out of a stretch, and a decoder writes them; {@link SpanLengths} draws it. How many
 * tokens and spans are cut out follows from the stretch's length; where, is drawn: both what is cut
 * out and what stays are parted at random, and their parts stand in turn, first one that stays
 * (Raffel et al., 2020).
 */
final class SpanCorruption implements Objective {
  private static final long KEPT = 1;
  private static final long NOISE = 2;

  private final SequenceSource source;
  private final BatchForm form;
  private final double share;
  private final double meanSpan;
  private final SpanLengths longest;

  /** Null where the corpus is one stream. */
  private final DocumentTable documents;

  private final LongUnaryOperator order;
  private final PairTokens special;
  private final int[] sentinels;
  private final float[] tokens;
  private final int[] kept;
  private final int[] noise;

  SpanCorruption(
      SequenceSource source, BatchForm form, Vocabulary vocabulary, ObjectiveSettings settings) {
    this.source = source;
    this.form = form;
    this.share = settings.maskedShare();
    this.meanSpan = settings.meanSpan();
    this.longest = SpanLengths.of(form.source(), share, meanSpan);
    boolean padded = settings.packing() == Packing.PADDED;
    this.documents = padded ? source.documents(1) : null;
    this.order =
        padded ? source.order().items(documents.documents()) : source.windows(longest.stretch());
    this.special = new PairTokens(vocabulary, ObjectiveKind.SPAN_CORRUPTION);
    this.sentinels = vocabulary.sentinels(longest.spans());
    this.tokens = new float[longest.stretch()];
    this.kept = new int[longest.spans()];
    this.noise = new int[longest.spans()];
  }

  @Override
  public double weight(long sequence) {
    SpanLengths lengths = lengths(stretch(sequence));
    return lengths == null ? 0 : lengths.target();
  }

  /** Null where there is too little to cut something out. */
  private SpanLengths lengths(int stretch) {
    if (stretch == longest.stretch()) {
      return longest;
    }
    return stretch < 2 ? null : SpanLengths.ofStretch(stretch, share, meanSpan);
  }

  /** Tokens of the corpus that a sequence shows; a document's last makes way for the end. */
  private int stretch(long sequence) {
    if (documents == null) {
      return longest.stretch();
    }
    long document = order.applyAsLong(sequence);
    return (int)
        Math.min(longest.stretch(), documents.end(document) - documents.begin(document) - 1);
  }

  private long position(long sequence, int stretch) {
    long found = order.applyAsLong(sequence);
    if (documents == null) {
      return found;
    }
    long begin = documents.begin(found);
    long spare = documents.end(found) - begin - 1 - stretch;
    return begin + PaddedDocuments.drawnStart(source.order(), sequence, spare);
  }

  @Override
  public void write(long sequence, int row, double scale, BatchSpans batch) {
    int stretch = stretch(sequence);
    source.data().read(source.split(), position(sequence, stretch), tokens, 0, stretch);
    SpanLengths lengths = lengths(stretch);
    int sourceBase = row * form.source();
    int targetBase = row * form.time();
    if (lengths == null) {
      // A single token, of which nothing can be cut out.
      batch.sourceIds().set(sourceBase, special.end());
      PairFields.finish(batch, row, special.padding(), 1, 0, scale);
      return;
    }
    long key = source.order().key(sequence);
    part(CounterRandom.mix(key, KEPT), stretch - lengths.noise(), lengths.spans(), kept);
    part(CounterRandom.mix(key, NOISE), lengths.noise(), lengths.spans(), noise);
    int inSource = sourceBase;
    int inTarget = targetBase;
    int at = 0;
    for (int span = 0; span < lengths.spans(); span++) {
      for (int i = 0; i < kept[span]; i++) {
        batch.sourceIds().set(inSource++, tokens[at++]);
      }
      batch.sourceIds().set(inSource++, sentinels[span]);
      batch.targets().set(inTarget++, sentinels[span]);
      for (int i = 0; i < noise[span]; i++) {
        batch.targets().set(inTarget++, tokens[at++]);
      }
    }
    batch.sourceIds().set(inSource++, special.end());
    batch.targets().set(inTarget++, special.end());
    PairFields.finish(
        batch, row, special.padding(), inSource - sourceBase, inTarget - targetBase, scale);
  }

  /**
   * Parts items into so many parts, none empty, each way to do so being as likely: draws which of
   * the gaps between items are cut, gap by gap.
   */
  static void part(long key, int items, int parts, int[] lengths) {
    int part = 0;
    int length = 1;
    for (int gap = 1; gap < items; gap++) {
      int cutsLeft = parts - 1 - part;
      if (CounterRandom.uniform(key, gap) * (items - gap) < cutsLeft) {
        lengths[part++] = length;
        length = 0;
      }
      length++;
    }
    lengths[part] = length;
  }
}
