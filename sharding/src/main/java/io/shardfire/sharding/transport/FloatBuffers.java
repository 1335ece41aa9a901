package io.shardfire.sharding.transport;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Arrays that peers' contributions are received into, used again at every step. Of each length it
 * never holds more than were in use at once, so that all of them together take no more than {@link
 * io.shardfire.sharding.layout.ShardLayout#receivedFloats} says. Thread-safe.
 */
final class FloatBuffers {
  private final Map<Integer, ArrayDeque<float[]>> free = new HashMap<>();
  private long floats;

  /** An array of {@code length} floats. */
  synchronized float[] take(int length) {
    ArrayDeque<float[]> arrays = free.get(length);
    if (arrays != null && !arrays.isEmpty()) {
      return arrays.pop();
    }
    floats += length;
    return new float[length];
  }

  synchronized void give(float[] array) {
    free.computeIfAbsent(array.length, length -> new ArrayDeque<>()).push(array);
  }

  /** Floats of all arrays that were ever needed, in use or free. */
  synchronized long floats() {
    return floats;
  }
}
