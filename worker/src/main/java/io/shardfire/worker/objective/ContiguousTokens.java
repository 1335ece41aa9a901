package io.shardfire.worker.objective;

import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import java.util.function.LongUnaryOperator;

/** Predicts each token of a stretch of the corpus from those before it in the stretch. */
record ContiguousTokens(SequenceSource source, int time, LongUnaryOperator windows)
    implements Objective {
  ContiguousTokens(SequenceSource source, BatchForm form) {
    this(source, form.time(), source.windows(form.time() + 1));
  }

  @Override
  public double weight(long sequence) {
    return time;
  }

  @Override
  public void write(long sequence, int row, double scale, BatchSpans batch) {
    long position = windows.applyAsLong(sequence);
    source.read(position, batch.ids(), row * time, time);
    source.read(position + 1, batch.targets(), row * time, time);
  }
}
