package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.layout.ShardLayout;

/** Reads a committed checkpoint at any world size, by byte ranges. */
public final class CheckpointReader {
  private CheckpointReader() {}

  /** Opens a step. @throws CheckpointException when it is not committed or a file is damaged */
  public static CheckpointReader open(CheckpointStore store, long step) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The text of config.json, tokenizer.json or trainer.json. */
  public String document(String name) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Fills all tensors of the layout. Names and shapes must match. */
  public void readParameters(ShardLayout layout, float[] parameters) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Fills the moments for the shards of {@code rank}; for all ranks' shards when {@code rank} is
   * negative.
   */
  public void readMoments(ShardLayout layout, int rank, float[] firstMoment, float[] secondMoment) {
    throw new UnsupportedOperationException("skeleton");
  }
}
