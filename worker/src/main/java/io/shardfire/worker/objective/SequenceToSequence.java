package io.shardfire.worker.objective;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.function.LongUnaryOperator;

/**
 * A decoder writes the target of a pair, whose source an encoder reads. What is longer than its part
 * of the sequence is cut, and still ends.
 */
record SequenceToSequence(
    SequenceSource source,
    BatchForm form,
    DocumentTable documents,
    LongUnaryOperator order,
    int padding,
    int end)
    implements Objective {
  private static final String NAME = "sequence-to-sequence";

  SequenceToSequence(SequenceSource source, BatchForm form, Vocabulary vocabulary) {
    this(source, form, pairs(source), vocabulary.padding(NAME), vocabulary.end(NAME));
  }

  private SequenceToSequence(
      SequenceSource source, BatchForm form, DocumentTable documents, int padding, int end) {
    this(
        source,
        form,
        documents,
        source.order().items(documents.documents() / 2),
        padding,
        end);
  }

  private static DocumentTable pairs(SequenceSource source) {
    if (source.data().index().content() != CorpusContent.PAIRS) {
      throw new DataException(
          "The corpus holds no pairs, but texts without targets; prepare pairs with --documents"
              + " pairs or json-pairs, or set another training.objective: training.objective="
              + NAME);
    }
    return source.documents(2);
  }

  @Override
  public long sequencesPerEpoch() {
    return documents.documents() / 2;
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
    Fields.put(batch.sourceIds(), sourceBase + sourceLength - 1, end);
    Fields.put(batch.targets(), base + targetLength - 1, end);
    PairFields.finish(batch, row, padding, sourceLength, targetLength, scale);
  }
}
