package io.shardfire.kernels.device;

/**
 * Records operations. Dependencies between operations are derived from the spans they read and
 * write; independent operations run side by side. Not thread-safe.
 */
public final class CommandRecorder {
  CommandRecorder() {}

  /** Ends the recording. */
  public CommandBuffer finish() {
    throw new UnsupportedOperationException("skeleton");
  }
}
