package io.shardfire.kernels.device;

/**
 * Recorded operations with fixed shapes and offsets, run as one launch where the device allows it.
 */
public final class CommandBuffer {
  CommandBuffer() {}

  /** The name given at recording. */
  public String name() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Runs all operations and waits for them.
   *
   * @throws ComputeException when an arena moved or the launch failed
   */
  public void run() {
    throw new UnsupportedOperationException("skeleton");
  }
}
