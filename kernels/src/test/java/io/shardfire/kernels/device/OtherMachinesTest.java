package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Probe.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the probe did not end");
    return output
        .lines()
        .filter(line -> line.startsWith("message: "))
        .map(line -> line.substring("message: ".length()))
        .findFirst()
        .orElse(output);
  }

  @Test
  void shouldSayWhatToInstallWithoutADevice() throws Exception {
    assertEquals(
        "No OpenCL device found; install a driver, on Debian and Ubuntu the packages"
            + " pocl-opencl-icd and ocl-icd-libopencl1: device=auto",
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
