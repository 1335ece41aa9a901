package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.random.CounterRandom;
import java.util.function.LongUnaryOperator;

/**
 * Predicts each token of a document from those before it. Of a document that is longer than a
 * sequence, each sequence shows another stretch.
 */
record PaddedDocuments(
    SequenceSource source, DocumentTable documents, LongUnaryOperator order, int time, int padding)
    implements Objective {
  PaddedDocuments(SequenceSource source, BatchForm form, Vocabulary vocabulary) {
    this(source, source.documents(1), vocabulary.paddingOrFirst(), form.time());
  }

  private PaddedDocuments(SequenceSource source, DocumentTable documents, int padding, int time) {
    this(source, documents, source.order().items(documents.documents()), time, padding);
  }

  /**
   * Where a stretch begins in a document.
   *
   * @param spare tokens of the document beyond the stretch
   */
  static long drawnStart(SequenceOrder order, long sequence, long spare) {
    return spare == 0 ? 0 : (long) (CounterRandom.uniform(order.key(sequence), 0) * (spare + 1));
  }

  @Override
  public double weight(long sequence) {
    return rows(order.applyAsLong(sequence));
  }

  /** Tokens of a document that predict another. */
  private int rows(long document) {
    return (int) Math.min(time, documents.end(document) - documents.begin(document) - 1);
  }

  @Override
  public void write(long sequence, int row, double scale, BatchSpans batch) {
    long document = order.applyAsLong(sequence);
    int rows = rows(document);
    long begin = documents.begin(document);
    long spare = documents.end(document) - begin - 1 - rows;
    long position = begin + drawnStart(source.order(), sequence, spare);
    int base = row * time;
    source.read(position, batch.ids(), base, rows);
    source.read(position + 1, batch.targets(), base, rows);
    batch.ids().fill(base + rows, base + time, padding);
    batch.targets().fill(base + rows, base + time, Fields.IGNORED);
    batch.weights().fill(base, base + rows, (float) scale);
    batch.weights().fill(base + rows, base + time, 0);
  }
}
