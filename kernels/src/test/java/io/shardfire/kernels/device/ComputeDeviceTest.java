package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void shouldNameThePackagesToInstall(@TempDir Path folder) {
    Map<String, String> environment = Map.of("OCL_ICD_VENDORS", folder.toString());
    assertEquals(
        "No OpenCL device found; install a driver, on Debian and Ubuntu the packages"
            + " pocl-opencl-icd and ocl-icd-libopencl1: device=auto, drivers=[] in "
            + folder,
        ComputeDevice.none("auto", MissingDevice.explain(environment)).getMessage());
  }

  @Test
  void shouldNameACacheThatCannotBeWritten(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("pocl.icd"), "libpocl.so.2");
    Path file = Files.createFile(folder.resolve("file"));
    Map<String, String> environment =
        Map.of("OCL_ICD_VENDORS", folder.toString(), "HOME", file.toString());
    assertEquals(
        "No OpenCL device found; PoCL is installed, and offers a device only where it can write its"
            + " cache: let POCL_CACHE_DIR name a folder that can be written to, for executors with"
            + " --conf spark.executorEnv.POCL_CACHE_DIR=FOLDER: device=cpu, cache="
            + file
            + "/.cache/pocl/kcache, drivers=[pocl.icd] in "
            + folder,
        ComputeDevice.none("cpu", MissingDevice.explain(environment)).getMessage());
  }

  @Test
  void shouldNotBlameACacheThatCanBeWritten(@TempDir Path folder) throws IOException {
    Path driver = Files.writeString(folder.resolve("pocl.icd"), "libpocl.so.2");
    Path cache = folder.resolve("cache");
    MissingDevice why =
        MissingDevice.explain(
            Map.of("OCL_ICD_VENDORS", driver.toString(), "POCL_CACHE_DIR", cache.toString()));
    assertTrue(why.remedy().startsWith("a driver is installed, and offers none"), why.remedy());
    assertEquals("cache=" + cache + ", drivers=[pocl.icd] in " + driver, why.evidence());

    Files.move(driver, folder.resolve("other.icd"));
    Path file = Files.createFile(folder.resolve("file"));
    why =
        MissingDevice.explain(
            Map.of("OCL_ICD_VENDORS", folder.toString(), "HOME", file.toString()));
    assertEquals("drivers=[other.icd] in " + folder, why.evidence());
  }

  @Test
  void shouldFindTheCacheAsPoclDoes() {
    Map<String, String> environment = new HashMap<>();
    assertEquals("/tmp/pocl/kcache", PoclCache.of(environment).folder());
    environment.put("HOME", "/home/a");
    assertEquals("/home/a/.cache/pocl/kcache", PoclCache.of(environment).folder());
    environment.put("XDG_CACHE_HOME", "");
    assertEquals("/home/a/.cache/pocl/kcache", PoclCache.of(environment).folder());
    environment.put("XDG_CACHE_HOME", "/caches");
    assertEquals("/caches/pocl/kcache", PoclCache.of(environment).folder());
    environment.put("POCL_CACHE_DIR", "own");
    assertEquals("own", PoclCache.of(environment).folder());
  }
}
