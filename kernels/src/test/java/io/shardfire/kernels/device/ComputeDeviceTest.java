package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComputeDeviceTest {
  private static final ComputeDevice GPU =
      new ComputeDevice(0, ComputeDevice.Type.GPU, "Fast", "Maker", "3.0", 80, 1L << 33);
  private static final ComputeDevice CPU =
      new ComputeDevice(1, ComputeDevice.Type.CPU, "Plain", "Maker", "3.0", 2, 1L << 33);
  private static final List<ComputeDevice> BOTH = List.of(GPU, CPU);

  private static String failure(String selector, List<ComputeDevice> devices) {
    return assertThrows(ComputeException.class, () -> ComputeDevice.select(selector, devices))
        .getMessage();
  }

  @Test
  void shouldPreferACpu() {
    assertEquals(CPU, ComputeDevice.select("auto", BOTH));
    assertEquals(CPU, ComputeDevice.select(" CPU ", BOTH));
    assertEquals(CPU, ComputeDevice.select("1", BOTH));
  }

  @Test
  void shouldChooseAGpuWhenAskedOrAlone() {
    assertEquals(GPU, ComputeDevice.select("gpu", BOTH));
    assertEquals(GPU, ComputeDevice.select("0", BOTH));
    assertEquals(GPU, ComputeDevice.select("auto", List.of(GPU)));
  }

  @Test
  void shouldNameEveryDeviceWhenNoneMatches() {
    assertEquals(
        "No OpenCL device matches; choose auto, cpu, gpu or an index from the list: device=7,"
            + " devices=[0:GPU Fast, 1:CPU Plain]",
        failure("7", BOTH));
    assertEquals(
        "No OpenCL device matches; choose auto, cpu, gpu or an index from the list: device=cpu,"
            + " devices=[0:GPU Fast]",
        failure("cpu", List.of(GPU)));
  }

  @Test
  void shouldNameThePackagesToInstall() {
    assertEquals(
        "No OpenCL device found; install a driver, on Debian and Ubuntu the packages"
            + " pocl-opencl-icd and ocl-icd-libopencl1: device=auto",
        failure("auto", List.of()));
  }
}
