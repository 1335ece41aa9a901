package io.shardfire.driver.source;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Options for Spark's reader.
 *
 * @param shown as they were written; recorded
 * @param secrets values that take the place of those written under the same names; never recorded,
 *     never printed
 */
public record SourceOptions(Map<String, String> shown, Map<String, String> secrets) {
  /** No options. */
  public static final SourceOptions NONE = new SourceOptions(Map.of(), Map.of());

  /** Copies. */
  public SourceOptions {
    shown = Collections.unmodifiableMap(new TreeMap<>(shown));
    secrets = Map.copyOf(secrets);
  }

  @Override
  public String toString() {
    return shown.toString();
  }
}
