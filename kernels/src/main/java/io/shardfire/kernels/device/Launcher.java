package io.shardfire.kernels.device;

/** Runs command buffers over the arenas of one {@link DeviceMemory}, and moves data to them. */
interface Launcher {
  /**
   * Runs some commands of a buffer, one after the other of its order, and waits for them.
   *
   * @throws ComputeException when the device did not do all of the work
   */
  void launch(CommandBuffer buffer, int first, int count);

  /** Shows the device what the host wrote. */
  void upload(Span span);

  /**
   * Brings what the device wrote to the host.
   *
   * @throws ComputeException when the device did not run every command so far
   */
  void download(Span span);
}
