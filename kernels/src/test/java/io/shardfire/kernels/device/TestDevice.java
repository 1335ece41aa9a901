package io.shardfire.kernels.device;

/** The device of the unit tests. */
final class TestDevice {
  private TestDevice() {}

  static ComputeContext context() {
    return ComputeContext.open(ComputeDevice.select("auto"));
  }
}
