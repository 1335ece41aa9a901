package io.shardfire.sharding.transport;

import java.time.Duration;
import java.util.Map;

/**
 * How ranks talk.
 *
 * @param bindHost the address to listen on and announce
 * @param sparkProperties the {@code spark.*} settings of the application, read for network,
 *     authentication and encryption
 * @param secret the application's authentication secret; null when {@code spark.authenticate} is
 *     off; never logged
 * @param timeout deadline of every wait
 * @param chunkBytes payload bytes per message
 */
public record NetworkConfiguration(
    String bindHost,
    Map<String, String> sparkProperties,
    String secret,
    Duration timeout,
    int chunkBytes) {
  /** Copies and checks. */
  public NetworkConfiguration {
    sparkProperties = Map.copyOf(sparkProperties);
    if (chunkBytes < 4096 || chunkBytes > 16 << 20) {
      throw new IllegalArgumentException("Chunks are 4 KiB to 16 MiB: chunkBytes=" + chunkBytes);
    }
  }

  @Override
  public String toString() {
    return "NetworkConfiguration[bindHost="
        + bindHost
        + ", authenticated="
        + (secret != null)
        + ", timeout="
        + timeout
        + "]";
  }
}
