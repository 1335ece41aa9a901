package io.shardfire.worker.train;

import io.shardfire.worker.model.Gpt2Configuration;

/** Bytes a rank will need, computed without allocating; vocabularySize must be known. */
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
    throw new UnsupportedOperationException("skeleton");
  }

  /** Everything together. */
  public long totalBytes() {
    return parameterBytes + gradientBytes + optimizerBytes + activationBytes + checkpointBytes;
  }
}
