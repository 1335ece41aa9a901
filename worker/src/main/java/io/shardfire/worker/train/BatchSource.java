package io.shardfire.worker.train;

/** Where micro-batches come from. */
public interface BatchSource {
  /**
   * Writes a pass's token ids [microBatch, context] at {@code ids} and the ids that follow each at
   * {@code targets}, as whole-number floats.
   *
   * @param completedSteps steps before this one
   * @param shard logical shard of the global batch
   * @param pass accumulation pass of the shard
   */
  void load(long completedSteps, int shard, int pass, float[] array, int ids, int targets);
}
