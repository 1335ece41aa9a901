package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.function.LongUnaryOperator;

/**
 * Predicts each token of a stretch of the corpus from those before it in its document. The last
 * token of a document predicts nothing.
 */
record PackedDocuments(
    SequenceSource source, DocumentTable documents, int time, LongUnaryOperator windows)
    implements Objective {
  PackedDocuments(SequenceSource source, BatchForm form) {
    this(source, source.documents(1), form.time(), source.windows(form.time() + 1));
  }

  @Override
  public double weight(long sequence) {
    long position = windows.applyAsLong(sequence);
    int predicted = time;
    for (long at = position; at < position + time; ) {
      at = documents.end(documents.at(at));
      if (at <= position + time) {
        predicted--;
      }
    }
    return predicted;
  }

  @Override
  public void write(long sequence, int row, double scale, BatchSpans batch) {
    long position = windows.applyAsLong(sequence);
    int base = row * time;
    source.read(position, batch.ids(), base, time);
    source.read(position + 1, batch.targets(), base, time);
    batch.weights().fill(base, base + time, (float) scale);
    for (int from = 0; from < time; ) {
      long end = documents.end(documents.at(position + from)) - position;
      int behind = (int) Math.min(end, time);
      Fields.see(batch.visible(), base + from, base + behind, from, behind);
      if (end <= time) {
        batch.targets().set(base + behind - 1, Fields.IGNORED);
        batch.weights().set(base + behind - 1, 0);
      }
      from = behind;
    }
  }
}
