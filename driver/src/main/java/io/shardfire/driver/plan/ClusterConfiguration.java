package io.shardfire.driver.plan;

import io.shardfire.sharding.transport.PortRange;
import java.io.Serializable;
import java.time.Duration;

/**
 * How the ranks are placed and how they talk.
 *
 * @param ranks ranks of the run, each alone in its executor; 0 means one per executor
 * @param networkTimeoutSeconds deadline of every wait between ranks, and of rank to driver
 * @param startTimeoutSeconds how long each step of the start may take: Spark, the executors, their
 *     checks
 * @param stopGraceSeconds how long a run that is asked to stop by SIGTERM or Ctrl-C may take to
 *     write a checkpoint of the step under way; 0 for none: it then ends at once
 * @param chunkBytes payload bytes per message between ranks, 4 KiB to 16 MiB
 * @param sharedMemory whether ranks at one address exchange chunks through shared memory; never
 *     done while Spark's traffic is encrypted
 * @param ports where the ranks and the driver's control endpoint listen, the first free port of
 *     these: one port or a range such as {@code 7100-7131}, or 0 for any. A machine needs one for
 *     each of its ranks, and the driver's one more
 */
public record ClusterConfiguration(
    int ranks,
    int networkTimeoutSeconds,
    int startTimeoutSeconds,
    int stopGraceSeconds,
    int chunkBytes,
    boolean sharedMemory,
    String ports)
    implements Serializable {
  /** Key of the deadline of the start, which messages name. */
  public static final String START_TIMEOUT = "cluster.startTimeoutSeconds";

  /** Key of the time for a last checkpoint, which messages name. */
  public static final String STOP_GRACE = "cluster.stopGraceSeconds";

  /**
   * One rank per executor, waits of two minutes, five minutes to start, 20 seconds to stop, which
   * is less than the 30 that Kubernetes grants, chunks of 1 MiB, any port.
   */
  public static final ClusterConfiguration DEFAULT =
      new ClusterConfiguration(0, 120, 300, 20, 1 << 20, true, "0");

  /** Checks every value. */
  public ClusterConfiguration {
    if (ranks < 0) {
      throw new IllegalArgumentException(
          "Ranks must be positive, or 0 for one per executor: ranks=" + ranks);
    }
    if (networkTimeoutSeconds < 1) {
      throw new IllegalArgumentException(
          "The network timeout must be at least one second: networkTimeoutSeconds="
              + networkTimeoutSeconds);
    }
    if (startTimeoutSeconds < 1) {
      throw new IllegalArgumentException(
          "The start timeout must be at least one second: startTimeoutSeconds="
              + startTimeoutSeconds);
    }
    if (stopGraceSeconds < 0) {
      throw new IllegalArgumentException(
          "The time to stop must be positive, or 0 to end at once: stopGraceSeconds="
              + stopGraceSeconds);
    }
    if (chunkBytes < 4096 || chunkBytes > 16 << 20) {
      throw new IllegalArgumentException("Chunks are 4 KiB to 16 MiB: chunkBytes=" + chunkBytes);
    }
    PortRange.parse(ports);
  }

  /** Where ranks and driver listen. */
  public PortRange portRange() {
    return PortRange.parse(ports);
  }

  /** Deadline of every wait between ranks. */
  public Duration networkTimeout() {
    return Duration.ofSeconds(networkTimeoutSeconds);
  }

  /** Deadline of the start. */
  public Duration startTimeout() {
    return Duration.ofSeconds(startTimeoutSeconds);
  }

  /** Time for a last checkpoint. */
  public Duration stopGrace() {
    return Duration.ofSeconds(stopGraceSeconds);
  }
}
