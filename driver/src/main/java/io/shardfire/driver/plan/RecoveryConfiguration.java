package io.shardfire.driver.plan;

import java.time.Duration;

/**
 * What happens after a failure.
 *
 * @param maxRestarts restarts in a row without a newer checkpoint in between; 0 means that the
 *     first failure ends the run
 * @param allowFewerRanks go on with fewer ranks when a lost or hung executor is not replaced in
 *     time; the logical shards stay as they are, and so do the results unless gradients are
 *     exchanged in bf16
 * @param replacementTimeoutSeconds how long to wait for a replacement of a lost or hung executor
 */
public record RecoveryConfiguration(
    int maxRestarts, boolean allowFewerRanks, int replacementTimeoutSeconds) {
  /** Three restarts, all ranks needed, two minutes for a replacement. */
  public static final RecoveryConfiguration DEFAULT = new RecoveryConfiguration(3, false, 120);

  /** Checks every value. */
  public RecoveryConfiguration {
    if (maxRestarts < 0) {
      throw new IllegalArgumentException("Restarts cannot be negative: maxRestarts=" + maxRestarts);
    }
    if (replacementTimeoutSeconds < 0) {
      throw new IllegalArgumentException(
          "The wait for a replacement cannot be negative: replacementTimeoutSeconds="
              + replacementTimeoutSeconds);
    }
  }

  /** How long to wait for a replacement of a lost executor. */
  public Duration replacementTimeout() {
    return Duration.ofSeconds(replacementTimeoutSeconds);
  }
}
