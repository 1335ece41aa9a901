package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.random.CounterRandom;
import java.util.function.LongUnaryOperator;

/**
 * Two segments for each sequence: a document cut in two, label 0, or half of the time the first
 * part and the beginning of another document, label 1 (Devlin et al., 2019). A document of a single
 * token cannot be cut; another follows it.
 */
final class SentencePairs implements Passages {
  private static final int SPECIAL = 3;
  private static final int NEXT = 1;
  private static final int CUT = 2;
  private static final int OTHER = 3;

  private final SequenceSource source;
  private final PassageFields fields;
  private final DocumentTable documents;
  private final LongUnaryOperator order;
  private final int most;

  SentencePairs(SequenceSource source, BatchForm form, Vocabulary vocabulary) {
    this.source = source;
    this.fields = PassageFields.of(vocabulary, form.time());
    this.documents = source.documents(2);
    this.order = source.order().items(documents.documents());
    this.most = form.time() - SPECIAL;
  }

  @Override
  public long key(long sequence) {
    return source.order().key(sequence);
  }

  /** Tokens of the sequence's own document that could be shown. */
  private int shown(long sequence) {
    return DocumentPassages.tokens(documents, order.applyAsLong(sequence), most);
  }

  private boolean follows(long sequence, int shown) {
    return shown > 1 && CounterRandom.uniform(key(sequence), NEXT) < 0.5;
  }

  /** Tokens of the first segment; something is left for the second. */
  private int first(long sequence, int shown) {
    int cuts = Math.max(1, Math.min(shown, most) - 1);
    return 1 + (int) (CounterRandom.uniform(key(sequence), CUT) * cuts);
  }

  private long other(long sequence) {
    long others = documents.documents() - 1;
    long step = 1 + (long) (CounterRandom.uniform(key(sequence), OTHER) * others);
    return (order.applyAsLong(sequence) + step) % documents.documents();
  }

  /** Tokens of the second segment. */
  private int second(long sequence, int shown, int first) {
    return follows(sequence, shown)
        ? shown - first
        : DocumentPassages.tokens(documents, other(sequence), most - first);
  }

  @Override
  public int tokens(long sequence) {
    int shown = shown(sequence);
    int first = first(sequence, shown);
    return first + second(sequence, shown, first);
  }

  @Override
  public void write(long sequence, int row, BatchSpans batch, int[] places) {
    int shown = shown(sequence);
    int first = first(sequence, shown);
    int second = second(sequence, shown, first);
    boolean follows = follows(sequence, shown);
    long document = order.applyAsLong(sequence);
    long begin = documents.begin(document);
    long spare = Math.max(0, documents.end(document) - begin - 1 - shown);
    long position = begin + PaddedDocuments.drawnStart(source.order(), sequence, spare);
    int time = fields.time();
    int base = row * time;
    fields.around(batch, row, first, places);
    source.read(position, batch.ids(), base + 1, first);
    int secondPlace = first + PassageFields.SPECIAL;
    long secondPosition = follows ? position + first : documents.begin(other(sequence));
    source.read(secondPosition, batch.ids(), base + secondPlace, second);
    for (int i = 0; i < second; i++) {
      places[first + i] = secondPlace + i;
    }
    batch.ids().set(base + secondPlace + second, fields.separator());
    fields.pad(batch, row, secondPlace + second + 1);
    batch.segments().fill(base, base + secondPlace, 0);
    batch.segments().fill(base + secondPlace, base + time, 1);
    batch.labels().set(row, follows ? 0 : 1);
  }
}
