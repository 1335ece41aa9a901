package io.shardfire.kernels.device;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One OpenCL device as Aparapi lists it. */
public record ComputeDevice(
    int index,
    Type type,
    String name,
    String vendor,
    String version,
    int computeUnits,
    long memoryBytes) {

  /** The OpenCL device type. */
  public enum Type {
    CPU,
    GPU,
    ACCELERATOR
  }

  /**
   * All OpenCL devices of this machine, in platform order; empty when there is no OpenCL at all.
   */
  public static List<ComputeDevice> list() {
    return OpenClDevices.list();
  }

  /**
   * Chooses a device: {@code auto} (the first CPU, for which the kernels are tuned, else the first
   * device), {@code cpu}, {@code gpu}, or an index.
   *
   * @throws ComputeException naming the selector and every device found
   */
  public static ComputeDevice select(String selector) {
    return select(selector, list());
  }

  static ComputeDevice select(String selector, List<ComputeDevice> devices) {
    if (devices.isEmpty()) {
      throw new ComputeException(
          "No OpenCL device found; install a driver, on Debian and Ubuntu the packages"
              + " pocl-opencl-icd and ocl-icd-libopencl1: device="
              + selector);
    }
    return find(selector.trim().toLowerCase(Locale.ROOT), devices)
        .orElseThrow(
            () ->
                new ComputeException(
                    "No OpenCL device matches; choose auto, cpu, gpu or an index from the list:"
                        + " device="
                        + selector
                        + ", devices="
                        + describe(devices)));
  }

  private static Optional<ComputeDevice> find(String selector, List<ComputeDevice> devices) {
    return switch (selector) {
      case "auto" -> first(Type.CPU, devices).or(() -> devices.stream().findFirst());
      case "cpu" -> first(Type.CPU, devices);
      case "gpu" -> first(Type.GPU, devices);
      default -> {
        try {
          int index = Integer.parseInt(selector);
          yield devices.stream().filter(device -> device.index() == index).findFirst();
        } catch (NumberFormatException e) {
          yield Optional.empty();
        }
      }
    };
  }

  private static Optional<ComputeDevice> first(Type type, List<ComputeDevice> devices) {
    return devices.stream().filter(device -> device.type() == type).findFirst();
  }

  private static List<String> describe(List<ComputeDevice> devices) {
    return devices.stream()
        .map(device -> device.index() + ":" + device.type() + " " + device.name())
        .toList();
  }
}
