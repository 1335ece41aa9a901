package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.function.LongUnaryOperator;

/**
 * One document for each sequence, whose last token makes way for the separator; of a longer one,
 * each sequence shows another stretch.
 */
record DocumentPassages(
    SequenceSource source, PassageFields fields, DocumentTable documents, LongUnaryOperator order)
    implements Passages {
  DocumentPassages(SequenceSource source, BatchForm form, Vocabulary vocabulary) {
    this(source, PassageFields.of(vocabulary, form.time()), source.documents(1));
  }

  private DocumentPassages(SequenceSource source, PassageFields fields, DocumentTable documents) {
    this(source, fields, documents, source.order().items(documents.documents()));
  }

  @Override
  public int tokens(long sequence) {
    return tokens(documents, order.applyAsLong(sequence), fields.time() - PassageFields.SPECIAL);
  }

  /** Tokens of a document that are shown: all but the last, but not none. */
  static int tokens(DocumentTable documents, long document, int most) {
    long all = documents.end(document) - documents.begin(document);
    return (int) Math.min(most, Math.max(1, all - 1));
  }

  @Override
  public long key(long sequence) {
    return source.order().key(sequence);
  }

  @Override
  public void write(long sequence, int row, BatchSpans batch, int[] places) {
    long document = order.applyAsLong(sequence);
    int tokens = tokens(sequence);
    long begin = documents.begin(document);
    long spare = Math.max(0, documents.end(document) - begin - 1 - tokens);
    long position = begin + PaddedDocuments.drawnStart(source.order(), sequence, spare);
    source.read(position, batch.ids(), row * fields.time() + 1, tokens);
    fields.pad(batch, row, fields.around(batch, row, tokens, places));
    fields.plain(batch, row);
  }
}
