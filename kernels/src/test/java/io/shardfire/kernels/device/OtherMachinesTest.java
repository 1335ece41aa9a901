package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Starts JVMs in which the device is missing or the collector is the wrong one. */
class OtherMachinesTest {
  /** Opens the device and prints the message of what goes wrong. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      try {
        ComputeContext.open(ComputeDevice.select("auto"));
        System.out.println("message: opened");
      } catch (ComputeException e) {
        System.out.println("message: " + e.getMessage());
      }
    }
  }

  private static String messageOf(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    List<String> lines = ChildJvm.linesOf(Probe.class, 60, environment, List.of(options));
    return lines.stream()
        .filter(line -> line.startsWith("message: "))
        .map(line -> line.substring("message: ".length()))
        .findFirst()
        .orElse(lines.toString());
  }

  @Test
  void shouldSayWhatToInstallWithoutADevice() throws Exception {
    assertEquals(
        "No OpenCL device found; install a driver, on Debian and Ubuntu the packages"
            + " pocl-opencl-icd and ocl-icd-libopencl1: device=auto, drivers=[] in /nonexistent/",
        messageOf(Map.of("OCL_ICD_VENDORS", "/nonexistent/"), "-XX:+UseG1GC"));
  }

  @Test
  void shouldRefuseACollectorThatMovesLargeArrays() throws Exception {
    assertEquals(
        "The compute kernels need the G1 garbage collector, which leaves large arrays in place;"
            + " start Java with -XX:+UseG1GC: vm="
            + System.getProperty("java.vm.name")
            + ", UseG1GC=false",
        messageOf(Map.of(), "-XX:+UseSerialGC"));
  }
}
