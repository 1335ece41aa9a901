package io.shardfire.worker.program;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values that last from one run of a program to the next, and that programs share which are
 * recorded with the same object: the caches of decoding. Confined to one thread.
 */
public final class LastingValues {
  private final Map<String, Value> byPath = new LinkedHashMap<>();

  /** The value at a path: made at the first call, the same one later. */
  Value at(String path, int rows, int columns) {
    Value value =
        byPath.computeIfAbsent(path, unused -> Value.pinned(path.replace('.', ' '), rows, columns));
    if (value.rows() != rows || value.columns() != columns) {
      throw new IllegalStateException(
          "Two programs want one value: value="
              + value
              + ", rows="
              + rows
              + ", columns="
              + columns);
    }
    return value;
  }

  /** All of them, in the order they were made. */
  public List<Value> all() {
    return List.copyOf(byPath.values());
  }
}
