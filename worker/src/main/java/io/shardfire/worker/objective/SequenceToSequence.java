package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.function.LongUnaryOperator;

/**
 * A decoder writes the target of a pair, whose source an encoder reads. What is longer than its
 * part of the sequence is cut, and still ends.
 */
record SequenceToSequence(
    SequenceSource source,
    BatchForm form,
    DocumentTable documents,
    LongUnaryOperator order,
    PairTokens special)
    implements Objective {
  SequenceToSequence(SequenceSource source, BatchForm form, Vocabulary vocabulary) {
    this(
        source,
        form,
        source.documents(2),
        new PairTokens(vocabulary, ObjectiveKind.SEQUENCE_TO_SEQUENCE));
  }

  private SequenceToSequence(
      SequenceSource source, BatchForm form, DocumentTable documents, PairTokens special) {
    this(source, form, documents, source.order().items(documents.documents() / 2), special);
  }

  @Override
  public double weight(long sequence) {
    return length(2 * order.applyAsLong(sequence) + 1, form.time());
  }

  private int length(long document, int most) {
    return (int) Math.min(most, documents.end(document) - documents.begin(document));
  }

  @Override
  public void write(long sequence, int row, double scale, BatchSpans batch) {
    long sourceDocument = 2 * order.applyAsLong(sequence);
    long targetDocument = sourceDocument + 1;
    int sourceLength = length(sourceDocument, form.source());
    int targetLength = length(targetDocument, form.time());
    int sourceBase = row * form.source();
    int base = row * form.time();
    source.read(documents.begin(sourceDocument), batch.sourceIds(), sourceBase, sourceLength);
    source.read(documents.begin(targetDocument), batch.targets(), base, targetLength);
    batch.sourceIds().set(sourceBase + sourceLength - 1, special.end());
    batch.targets().set(base + targetLength - 1, special.end());
    PairFields.finish(batch, row, special.padding(), sourceLength, targetLength, scale);
  }
}
