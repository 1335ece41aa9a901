package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.checkpoint.CheckpointWriter;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.train.RankMemoryLayout.ArenaSize;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Bytes of heap a rank will need, computed without allocating, by the same arithmetic that
 * allocates; vocabularySize must be known.
 *
 * @param gradientBytes with the gradients set aside while logical shards are summed
 * @param receiveBytes the other ranks' gradients, received while the sums of all units are open
 * @param checkpointBytes the snapshot that is written in the background
 * @param corpusBytes token ids in reach, where the corpus cannot be mapped
 */
public record MemoryPlan(
    long parameters,
    long parameterBytes,
    long gradientBytes,
    long optimizerBytes,
    long activationBytes,
    long receiveBytes,
    long checkpointBytes,
    long corpusBytes) {
  /**
   * Plans one rank of {@code worldSize}.
   *
   * @throws ComputeException when an arena would be too large, naming it, its floats and the limit
   * @throws IllegalArgumentException when the parameters alone are too many, or the ranks cannot
   *     share the logical shards
   */
  public static MemoryPlan of(
      ModelConfiguration model, TrainingConfiguration training, int worldSize) {
    return of(RankMemoryLayout.of(model, training, worldSize));
  }

  static MemoryPlan of(RankMemoryLayout layout) {
    // Rank 0 writes the first of the weight files, so no rank's snapshot is larger.
    long snapshot =
        CheckpointWriter.snapshotBytes(layout.layout(), 0, RunCheckpoints.MAX_MODEL_FILE_BYTES);
    Map<String, Long> arenas =
        layout.arenas().stream()
            .collect(
                Collectors.toMap(ArenaSize::name, arena -> (long) Float.BYTES * arena.floats()));
    return new MemoryPlan(
        layout.layout().parameters(),
        arenas.get("parameters"),
        arenas.get("gradients") + arenas.getOrDefault("gradient stack", 0L),
        arenas.get("first moment") + arenas.get("second moment"),
        arenas.get("activations"),
        Float.BYTES * layout.layout().receivedFloats(),
        snapshot,
        TokenDataset.WINDOW_BYTES);
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
    return parameterBytes + gradientBytes + optimizerBytes + activationBytes;
  }
}
