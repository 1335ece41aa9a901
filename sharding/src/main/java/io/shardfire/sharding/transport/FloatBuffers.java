package io.shardfire.sharding.transport;

import java.util.ArrayList;
import java.util.List;

/**
 * Arrays that peers' contributions are received into, used again at every step. It never holds more
 * than were in use at once. Thread-safe.
 */
final class FloatBuffers {
  private static final int MAX_FREE = 256;

  private final List<float[]> free = new ArrayList<>();

  /** An array of at least {@code length} floats, and less than twice as many. */
  synchronized float[] take(int length) {
    int best = -1;
    for (int i = 0; i < free.size(); i++) {
      int size = free.get(i).length;
      boolean fits = size >= length && size / 2 < length;
      if (fits && (best < 0 || size < free.get(best).length)) {
        best = i;
      }
    }
    return best < 0 ? new float[length] : free.remove(best);
  }

  synchronized void give(float[] array) {
    if (free.size() < MAX_FREE) {
      free.add(array);
    }
  }
}
