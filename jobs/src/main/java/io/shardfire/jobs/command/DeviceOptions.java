package io.shardfire.jobs.command;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The device of commands that compute in this JVM. */
public final class DeviceOptions {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      showDefaultValue = Visibility.NEVER,
      description = "auto, cpu, gpu or an index of 'shardfire doctor'. Default: ${DEFAULT-VALUE}.")
  private String device;

  /**
   * Builds the kernels for the device.
   *
   * @throws io.shardfire.kernels.device.ComputeException when there is no such device
   */
  public ComputeContext open() {
    ComputeDevice selected = ComputeDevice.select(device);
    return CompileNotice.around(() -> ComputeContext.open(selected));
  }
}
