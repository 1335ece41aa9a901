package io.shardfire.sharding.collective;

import java.time.Duration;

/** Ranks as threads of one JVM. */
public final class InProcessGroup {
  private InProcessGroup() {}

  /** A group whose waits end at {@code timeout}. */
  public static InProcessGroup of(int worldSize, Duration timeout) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The communicator of one rank. */
  public Communicator communicator(int rank) {
    throw new UnsupportedOperationException("skeleton");
  }
}
