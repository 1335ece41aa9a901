package io.shardfire.worker.train;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchSpans;

/** Training micro-batches of a prepared corpus, in sample order. */
record DatasetBatches(TokenDataset data, SampleOrder order, BatchShape shape)
    implements BatchSource {
  @Override
  public void load(long completedSteps, int shard, int pass, BatchSpans batch) {
    int context = shape.context();
    long first = shape.firstSequence(completedSteps, shard, pass);
    for (int row = 0; row < shape.microBatch(); row++) {
      long position = order.position(first + row);
      read(position, batch.ids(), row * context, context);
      read(position + 1, batch.targets(), row * context, context);
    }
  }

  private void read(long position, Span span, int from, int length) {
    data.read(TokenSplit.TRAIN, position, span.arena().array(), span.offset() + from, length);
  }
}
