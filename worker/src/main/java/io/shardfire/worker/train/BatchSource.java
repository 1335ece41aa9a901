package io.shardfire.worker.train;

import io.shardfire.worker.nn.BatchSpans;

/** Where micro-batches come from. */
public interface BatchSource {
  /**
   * Writes a pass's sequences into the arrays of the fields that its form has; the caller uploads
   * them.
   *
   * @param completedSteps steps before this one
   * @param shard logical shard of the global batch
   * @param pass accumulation pass of the shard
   */
  void load(long completedSteps, int shard, int pass, BatchSpans batch);
}
