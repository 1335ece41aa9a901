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
    List<ComputeDevice> devices = list();
    if (devices.isEmpty()) {
      throw none(selector, MissingDevice.explain());
    }
    return select(selector, devices);
  }

  static ComputeException none(String selector, MissingDevice why) {
    return new ComputeException(
        "No OpenCL device found; " + why.remedy() + ": device=" + selector + ", " + why.evidence());
  }

  static ComputeDevice select(String selector, List<ComputeDevice> devices) {
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
