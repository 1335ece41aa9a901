package io.shardfire.kernels.device;

import com.aparapi.device.Device;
import com.aparapi.device.OpenCLDevice;
import java.util.ArrayList;
import java.util.List;

/** The OpenCL devices as Aparapi finds them, listed once per JVM. */
final class OpenClDevices {
  /** Printed by the native part of the binding for every platform of OpenCL 2 and 3. */
  private static final String HARMLESS =
      "Aparapi is running on an untested OpenCL platform version";

  private static List<OpenCLDevice> devices;

  private OpenClDevices() {}

  static List<ComputeDevice> list() {
    List<ComputeDevice> result = new ArrayList<>();
    List<OpenCLDevice> natives = natives();
    for (int index = 0; index < natives.size(); index++) {
      OpenCLDevice device = natives.get(index);
      result.add(
          new ComputeDevice(
              index,
              type(device.getType()),
              device.getName(),
              device.getOpenCLPlatform().getVendor(),
              device.getOpenCLPlatform().getVersion(),
              device.getMaxComputeUnits(),
              device.getGlobalMemSize()));
    }
    return List.copyOf(result);
  }

  static OpenCLDevice nativeDevice(ComputeDevice device) {
    List<OpenCLDevice> natives = natives();
    if (device.index() < 0
        || device.index() >= natives.size()
        || !natives.get(device.index()).getName().equals(device.name())) {
      throw new ComputeException(
          "No such OpenCL device on this machine: index="
              + device.index()
              + ", name="
              + device.name()
              + ", devices="
              + list());
    }
    return natives.get(device.index());
  }

  private static List<OpenCLDevice> natives() {
    return NativeLock.call(
        () -> {
          if (devices == null) {
            devices = load();
          }
          return devices;
        });
  }

  private static List<OpenCLDevice> load() {
    try {
      return NativeErrors.without(
          HARMLESS, System.err, () -> List.copyOf(OpenCLDevice.listDevices(null)));
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      // Aparapi's library needs libOpenCL; without it there is no device to list.
      return List.of();
    }
  }

  private static ComputeDevice.Type type(Device.TYPE type) {
    return switch (type) {
      case GPU -> ComputeDevice.Type.GPU;
      case ACC -> ComputeDevice.Type.ACCELERATOR;
      default -> ComputeDevice.Type.CPU;
    };
  }
}
