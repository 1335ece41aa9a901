package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.Map;

/**
 * Writes sharded checkpoints in the background. Each rank writes its own files; rank 0 commits with
 * the manifest after all ranks have reported theirs (through the communicator, under {@code
 * Phase.CHECKPOINT}).
 */
public final class CheckpointWriter implements AutoCloseable {
  private CheckpointWriter() {}

  /**
   * @param maxModelFileBytes weights are split into files of at most this size (whole tensors),
   *     independent of the world size
   * @param keep committed steps to keep; the last good one is never removed
   */
  public static CheckpointWriter create(
      CheckpointStore store,
      ShardLayout layout,
      Communicator communicator,
      long maxModelFileBytes,
      int keep) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Copies what this rank must write and returns; waits first if the previous checkpoint is still
   * being written. Arrays are indexed by the layout; only this rank's shards of the moments are
   * read. {@code documents} (file name to text: config.json, tokenizer.json, trainer.json) are
   * written by rank 0. Collective: all ranks call it with the same step.
   */
  public void save(
      long step,
      float[] parameters,
      float[] firstMoment,
      float[] secondMoment,
      Map<String, String> documents) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Waits for the checkpoint under way; throws what went wrong with it. */
  public void flush() {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
