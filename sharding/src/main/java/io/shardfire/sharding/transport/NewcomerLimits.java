package io.shardfire.sharding.transport;

import java.time.Duration;

/**
 * What a node grants connections of which it does not know yet whose they are.
 *
 * @param frameBytes most bytes of a frame; the messages of authenticating and joining are smaller
 * @param connections how many there may be at once
 * @param deadline how long one may take to join
 */
record NewcomerLimits(int frameBytes, int connections, Duration deadline) {
  /** At most 8 MiB in all, and room for as many ranks as will ever start at the same moment. */
  static final NewcomerLimits DEFAULT = new NewcomerLimits(8192, 1024, Duration.ofSeconds(60));
}
