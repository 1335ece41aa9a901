package io.shardfire.sharding.collective;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The last collectives that finished, bounded, so that a key used twice is noticed. */
public final class RecentKeys {
  /** Some tens of steps of a large model. */
  private static final int LIMIT = 8192;

  private RecentKeys() {}

  /** A set that forgets its oldest element beyond the limit. Not thread-safe. */
  public static Set<CollectiveKey> create() {
    return Collections.newSetFromMap(createMap());
  }

  /** A map that forgets its oldest entry beyond the limit. Not thread-safe. */
  public static <V> Map<CollectiveKey, V> createMap() {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<CollectiveKey, V> eldest) {
        return size() > LIMIT;
      }
    };
  }
}
