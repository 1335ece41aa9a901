package io.shardfire.worker.train;

import io.shardfire.worker.model.Gpt2Configuration;

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
      Gpt2Configuration model, TrainingConfiguration training, int worldSize) {
    return of(RankMemoryLayout.of(model, training, worldSize));
  }

  static MemoryPlan of(RankMemoryLayout layout) {
    long shardFloats = layout.layout().length() / layout.layout().worldSize();
    return new MemoryPlan(
        layout.layout().parameters(),
        Float.BYTES * layout.stateFloats(),
        Float.BYTES * (layout.stateFloats() + layout.stackFloats()),
        2 * Float.BYTES * layout.stateFloats(),
        Float.BYTES * layout.activationFloats(),
        3 * Float.BYTES * shardFloats);
  }

  /** Everything together. */
  public long totalBytes() {
    return parameterBytes + gradientBytes + optimizerBytes + activationBytes + checkpointBytes;
  }
}
