package io.shardfire.kernels.device;

/** Runs command buffers over the arenas of one {@link DeviceMemory}, and moves data to them. */
interface Launcher {
  /**
   * Runs a command buffer and waits for it.
   *
   * @throws ComputeException when the device did not do all of the work
   */
  void launch(CommandBuffer buffer);

  /** Shows the device what the host wrote. */
  void upload(Span span);

  /**
   * Brings what the device wrote to the host.
   *
   * @throws ComputeException when the device did not run every command so far
   */
  void download(Span span);
}
