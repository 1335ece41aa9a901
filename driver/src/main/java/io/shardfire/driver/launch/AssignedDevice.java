package io.shardfire.driver.launch;

import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.resource.ResourceInformation;

/**
 * The device of a rank: the one whose address Spark has assigned to its task, where executors ask
 * for GPUs ({@code spark.executor.resource.gpu.amount}); otherwise the one that the configuration
 * selects.
 *
 * <p>An address counts from 0 the devices of the type that the configuration names, in the order of
 * their platforms: GPUs for {@code auto} and {@code gpu}, CPUs for {@code cpu}. That is how
 * discovery scripts number GPUs.
 */
final class AssignedDevice {
  /** Spark's name of the resource. */
  static final String RESOURCE = "gpu";

  private AssignedDevice() {}

  /**
   * Chooses.
   *
   * @param selector of {@link ComputeDevice#select}
   * @param resources of the task
   * @throws ComputeException when there is no such device, naming those that there are
   */
  static ComputeDevice select(String selector, Map<String, ResourceInformation> resources) {
    ResourceInformation assigned = resources.get(RESOURCE);
    return assigned == null
        ? ComputeDevice.select(selector)
        : select(selector, assigned.addresses(), ComputeDevice.list());
  }

  static ComputeDevice select(String selector, String[] addresses, List<ComputeDevice> devices) {
    if (addresses.length != 1) {
      throw new ComputeException(
          "A rank uses one GPU; set spark.task.resource.gpu.amount=1: addresses="
              + Arrays.toString(addresses));
    }
    ComputeDevice.Type type = type(selector);
    List<ComputeDevice> counted = devices.stream().filter(found -> found.type() == type).toList();
    int place = place(addresses[0]);
    if (place < 0 || place >= counted.size()) {
      throw new ComputeException(
          "No OpenCL device has the address that Spark has assigned to this rank, which counts the"
              + " devices of a type from 0; mend the discovery script: address="
              + addresses[0]
              + ", type="
              + type
              + ", devices="
              + counted.stream()
                  .map(ComputeDevice::name)
                  .collect(Collectors.joining(", ", "[", "]")));
    }
    return counted.get(place);
  }

  private static ComputeDevice.Type type(String selector) {
    return switch (selector) {
      case "auto", "gpu" -> ComputeDevice.Type.GPU;
      case "cpu" -> ComputeDevice.Type.CPU;
      default ->
          throw new ComputeException(
              "Spark assigns the GPUs, so none can be chosen by its index; set device=gpu: device="
                  + selector);
    };
  }

  private static int place(String address) {
    try {
      return Integer.parseInt(address);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
