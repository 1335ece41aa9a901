package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.checkpoint.CheckpointWriter;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenDataset;

/**
 * Bytes of heap a rank will need, computed without allocating, by the same arithmetic that
 * allocates; vocabularySize must be known.
 *
 * @param parameterBytes with the master weights
 * @param gradientBytes with the gradients set aside while logical shards are summed
 * @param activationBytes with what else passes keep, but for packed weights
 * @param packedWeightBytes of weights that are kept packed for all passes of a step
 * @param receiveBytes the other ranks' gradients, received while the sums of all units are open
 * @param checkpointBytes the copy that is written while steps follow
 * @param corpusBytes micro-batches read ahead, and token ids in reach where the corpus cannot be
 *     mapped
 */
public record MemoryPlan(
    long parameters,
    long parameterBytes,
    long gradientBytes,
    long optimizerBytes,
    long activationBytes,
    long packedWeightBytes,
    long receiveBytes,
    long checkpointBytes,
    long corpusBytes) {
  /**
   * Plans one rank of {@code worldSize}.
   *
   * @throws ComputeException when no arena can hold a value or a unit, or there would be too many
   *     arenas; names what, and the limit
   * @throws IllegalArgumentException when a unit has too many parameters, or the ranks cannot share
   *     the logical shards
   */
  public static MemoryPlan of(
      ModelConfiguration model, TrainingConfiguration training, int worldSize) {
    return of(RankMemoryLayout.of(model, training, worldSize), training);
  }

  static MemoryPlan of(RankMemoryLayout layout, TrainingConfiguration training) {
    // Rank 0 writes the first of the weight files, so no rank's snapshot is larger.
    long snapshot =
        RunCheckpoints.trainsWhileWriting(training)
            ? CheckpointWriter.snapshotBytes(
                layout.layout(), layout.moments().set(), 0, RunCheckpoints.MAX_MODEL_FILE_BYTES)
            : 0;
    long packed = Float.BYTES * layout.training().preparedFloats();
    return new MemoryPlan(
        layout.layout().parameters(),
        bytes(layout, MemoryRole.PARAMETERS) + bytes(layout, MemoryRole.MASTER_WEIGHTS),
        bytes(layout, MemoryRole.GRADIENTS) + bytes(layout, MemoryRole.GRADIENT_STACK),
        bytes(layout, MemoryRole.MOMENTS),
        bytes(layout, MemoryRole.ACTIVATIONS) - packed,
        packed,
        Float.BYTES * layout.layout().receivedFloats(),
        snapshot,
        TokenDataset.WINDOW_BYTES + ReadAhead.bytes(layout.fields().form()));
  }

  private static long bytes(RankMemoryLayout layout, MemoryRole role) {
    return Float.BYTES * layout.pages().get(role).total();
  }

  /** Everything together. */
  public long totalBytes() {
    return arenaBytes() + receiveBytes + checkpointBytes + corpusBytes;
  }

  /**
   * The arenas. Where the device has memory of its own, a Java array backs its side of each too, so
   * that the heap must hold this twice.
   */
  public long arenaBytes() {
    return parameterBytes + gradientBytes + optimizerBytes + activationBytes + packedWeightBytes;
  }
}
