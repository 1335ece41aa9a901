package io.shardfire.kernels.device;

/**
 * The compute device cannot do what was asked: absent, failed build, wrong result, size over a
 * limit.
 */
public final class ComputeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** States the problem, the values, and the remedy. */
  public ComputeException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public ComputeException(String message, Throwable cause) {
    super(message, cause);
  }
}
