package io.shardfire.worker.train;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;

/** Training micro-batches of a prepared corpus, in sample order. */
record DatasetBatches(TokenDataset data, SampleOrder order, BatchShape shape)
    implements BatchSource {
  @Override
  public void load(long completedSteps, int shard, int pass, float[] array, int ids, int targets) {
    int context = shape.context();
    long first = shape.firstSequence(completedSteps, shard, pass);
    for (int row = 0; row < shape.microBatch(); row++) {
      long position = order.position(first + row);
      data.read(TokenSplit.TRAIN, position, array, ids + row * context, context);
      data.read(TokenSplit.TRAIN, position + 1, array, targets + row * context, context);
    }
  }
}
