package io.shardfire.worker.objective;

import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.function.LongUnaryOperator;

/** Stretches of the corpus; where documents are kept apart, each token sees its own only. */
record StreamPassages(
    SequenceSource source,
    PassageFields fields,
    LongUnaryOperator windows,
    int tokens,
    DocumentTable documents)
    implements Passages {
  StreamPassages(SequenceSource source, BatchForm form, Vocabulary vocabulary) {
    this(
        source,
        PassageFields.of(vocabulary, form.time()),
        source.windows(form.time() - PassageFields.SPECIAL),
        form.time() - PassageFields.SPECIAL,
        form.documents() ? source.documents(1) : null);
  }

  @Override
  public int tokens(long sequence) {
    return tokens;
  }

  @Override
  public long key(long sequence) {
    return source.order().key(sequence);
  }

  @Override
  public void write(long sequence, int row, BatchSpans batch, int[] places) {
    int time = fields.time();
    int base = row * time;
    long position = windows.applyAsLong(sequence);
    source.read(position, batch.ids(), base + 1, tokens);
    fields.around(batch, row, tokens, places);
    fields.plain(batch, row);
    if (documents == null) {
      return;
    }
    // The first document begins with the first special token, the last one ends with the last.
    for (int from = 0; from < time; ) {
      long end = documents.end(documents.at(position + Math.max(0, from - 1))) - position + 1;
      int behind = end > tokens ? time : (int) end;
      Fields.see(batch.visible(), base + from, base + behind, from, behind);
      from = behind;
    }
  }
}
