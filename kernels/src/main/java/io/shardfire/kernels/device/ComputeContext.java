package io.shardfire.kernels.device;

/**
 * The compiled kernels on one device. One per device and JVM; all invocations are serialised by one
 * lock because the native layer is not thread-safe. Thread-safe.
 */
public final class ComputeContext {
  private ComputeContext() {}

  /**
   * The context of a device: builds the program and runs the short kernel self-test the first time,
   * returns the same instance afterwards.
   *
   * @throws ComputeException when the build fails or a kernel computes wrong results
   */
  public static ComputeContext open(ComputeDevice device) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The device the kernels run on. */
  public ComputeDevice device() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** A fresh set of arenas, for one rank. */
  public DeviceMemory newMemory() {
    throw new UnsupportedOperationException("skeleton");
  }
}
