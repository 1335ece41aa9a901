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
  void shouldChooseTheFirstDeviceWithKernels() {
    assertEquals(CPU, ComputeDevice.select("auto", BOTH));
    assertEquals(CPU, ComputeDevice.select(" CPU ", BOTH));
    assertEquals(CPU, ComputeDevice.select("1", BOTH));
  }

  @Test
  void shouldRefuseAGpuThatWasAskedFor() {
    String message =
        "The kernels have only CPU forms; choose auto, cpu or the index of a CPU device:"
            + " device=0:GPU Fast";
    assertEquals(message, failure("gpu", BOTH));
    assertEquals(message, failure("0", BOTH));
  }

  @Test
  void shouldNameEveryDeviceWhenNoneMatches() {
    assertEquals(
        "No OpenCL device matches; choose auto, cpu or an index from the list: device=7,"
            + " devices=[0:GPU Fast, 1:CPU Plain]",
        failure("7", BOTH));
    assertEquals(
        "No OpenCL device matches; choose auto, cpu or an index from the list: device=auto,"
            + " devices=[0:GPU Fast]",
        failure("auto", List.of(GPU)));
  }

  @Test
  void shouldNameThePackagesToInstall() {
    assertEquals(
        "No OpenCL device found; install a driver, on Debian and Ubuntu the packages"
            + " pocl-opencl-icd and ocl-icd-libopencl1: device=auto",
        failure("auto", List.of()));
  }
}
