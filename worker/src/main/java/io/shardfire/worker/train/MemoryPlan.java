package io.shardfire.worker.train;

import io.shardfire.sharding.checkpoint.CheckpointWriter;
import io.shardfire.worker.architecture.ModelConfiguration;

/**
 * Bytes a rank will need, computed without allocating, by the same arithmetic that allocates;
 * vocabularySize must be known.
 *
 * @param gradientBytes with the gradients set aside while logical shards are summed
 * @param checkpointBytes the snapshot that is written in the background
 */
public record MemoryPlan(
    long parameters,
    long parameterBytes,
    long gradientBytes,
    long optimizerBytes,
    long activationBytes,
    long checkpointBytes) {
  /** Plans one rank of {@code worldSize}. */
  public static MemoryPlan of(
      ModelConfiguration model, TrainingConfiguration training, int worldSize) {
    return of(RankMemoryLayout.of(model, training, worldSize));
  }

  static MemoryPlan of(RankMemoryLayout layout) {
    // Rank 0 writes the first of the weight files, so no rank's snapshot is larger.
    long snapshot =
        CheckpointWriter.snapshotBytes(layout.layout(), 0, RunCheckpoints.MAX_MODEL_FILE_BYTES);
    return new MemoryPlan(
        layout.layout().parameters(),
        Float.BYTES * layout.stateFloats(),
        Float.BYTES * (layout.stateFloats() + layout.stackFloats()),
        2 * Float.BYTES * layout.moments().floats(),
        Float.BYTES * layout.activationFloats(),
        snapshot);
  }

  /** Everything together. */
  public long totalBytes() {
    return arenaBytes() + checkpointBytes;
  }

  /**
   * The arenas. Where the device has memory of its own, a Java array backs its side of each too, so
   * that the heap must hold this twice.
   */
  public long arenaBytes() {
    return parameterBytes + gradientBytes + optimizerBytes + activationBytes;
  }
}
