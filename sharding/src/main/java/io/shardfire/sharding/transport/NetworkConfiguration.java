package io.shardfire.sharding.transport;

import java.time.Duration;
import java.util.Map;

/**
 * How ranks talk.
 *
 * @param bindHost the address to listen on and announce
 * @param sparkProperties the {@code spark.*} settings of the application, read for network,
 *     authentication and encryption; transport settings of the module {@code shardfire} apply, such
 *     as {@code spark.shardfire.io.serverThreads}
 * @param secret the application's authentication secret; null when {@code spark.authenticate} is
 *     off; never logged
 * @param timeout deadline of every wait
 * @param chunkBytes payload bytes per message, the same on every rank; 1 MiB is a good value, and
 *     beyond 4 MiB messages no longer fit the transport's pooled buffers
 * @param sharedMemory whether ranks at the same address leave chunks in memory that both map, and
 *     send only where they lie; never done while traffic is encrypted
 * @param ports where to listen
 */
public record NetworkConfiguration(
    String bindHost,
    Map<String, String> sparkProperties,
    String secret,
    Duration timeout,
    int chunkBytes,
    boolean sharedMemory,
    PortRange ports) {
  /** Copies and checks. */
  public NetworkConfiguration {
    sparkProperties = Map.copyOf(sparkProperties);
    if (chunkBytes < 4096 || chunkBytes > 16 << 20) {
      throw new IllegalArgumentException("Chunks are 4 KiB to 16 MiB: chunkBytes=" + chunkBytes);
    }
    if (bindHost.isBlank() || timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "Ranks need an address and a timeout: bindHost=" + bindHost + ", timeout=" + timeout);
    }
    boolean authenticate = Boolean.parseBoolean(sparkProperties.get("spark.authenticate"));
    if (authenticate && (secret == null || secret.isEmpty())) {
      throw new IllegalArgumentException(
          "spark.authenticate=true needs the application's secret, but none was given");
    }
  }

  /**
   * Most bytes of direct memory that the chunks of a rank take which are on their way, sent and
   * received ones together.
   *
   * @param peers which the rank talks to
   */
  public static long directBytes(int chunkBytes, int peers) {
    long received = (long) Sender.WINDOW * peers;
    return (Math.min(received, Sender.MAX_BUFFERS) + received) * chunkBytes;
  }

  @Override
  public String toString() {
    return "NetworkConfiguration[bindHost="
        + bindHost
        + ", authenticated="
        + (secret != null)
        + ", timeout="
        + timeout
        + ", ports="
        + ports
        + "]";
  }
}
