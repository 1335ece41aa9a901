package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.CheckpointSummary.ValueSummary;

/** Summarises the values of tensors, read in small pieces. Not thread-safe. */
final class TensorValues {
  private static final int BUFFER_FLOATS = 1 << 16;

  private final float[] buffer = new float[BUFFER_FLOATS];

  /**
   * Reads a tensor.
   *
   * @throws CheckpointException when it cannot be read, or is not fp32, fp16 or bf16
   */
  ValueSummary of(SafetensorsFile file, SafetensorsFile.Entry entry) {
    double squares = 0;
    float maxAbs = 0;
    long nonFinite = 0;
    for (long at = 0; at < entry.elements(); at += buffer.length) {
      int length = (int) Math.min(buffer.length, entry.elements() - at);
      file.read(entry.name(), at, buffer, 0, length);
      for (int i = 0; i < length; i++) {
        float value = buffer[i];
        if (Float.isFinite(value)) {
          squares += (double) value * value;
          maxAbs = Math.max(maxAbs, Math.abs(value));
        } else {
          nonFinite++;
        }
      }
    }
    return new ValueSummary(entry.elements(), Math.sqrt(squares), maxAbs, nonFinite);
  }
}
