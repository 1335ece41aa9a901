package io.shardfire.driver.report;

/** Why a rank ended before its time. */
public enum FailureKind {
  /** The request cannot be met by trying again: configuration, data, device, or a diverged loss. */
  REQUEST(false),
  /** The executor's heap was full. */
  MEMORY(true),
  /** A file system is full. It stays so until somebody makes room. */
  STORAGE(false),
  /** A file could not be read or written for another reason, which may pass. */
  FILES(true),
  /** Anything else that went wrong in the rank itself: a fault of the program. */
  RANK(true),
  /** A collective failed, most often because another rank was lost: a consequence, not a cause. */
  PEER(true),
  /** The driver stopped the rank: a consequence, not a cause. */
  STOPPED(true);

  private final boolean worthRetrying;

  FailureKind(boolean worthRetrying) {
    this.worthRetrying = worthRetrying;
  }

  /** Whether the same request may succeed on a second attempt. */
  public boolean worthRetrying() {
    return worthRetrying;
  }

  /** Whether something else must have happened first. */
  public boolean secondary() {
    return this == PEER || this == STOPPED;
  }
}
