package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AssignedDeviceTest {
  private static final List<ComputeDevice> DEVICES =
      List.of(
          device(0, ComputeDevice.Type.CPU, "cpu zero"),
          device(1, ComputeDevice.Type.GPU, "gpu zero"),
          device(2, ComputeDevice.Type.CPU, "cpu one"),
          device(3, ComputeDevice.Type.GPU, "gpu one"));

  @ParameterizedTest
  @CsvSource({"auto, 0, 1", "auto, 1, 3", "gpu, 0, 1", "gpu, 1, 3", "cpu, 0, 0", "cpu, 1, 2"})
  void shouldCountTheDevicesOfTheType(String selector, String address, int index) {
    assertEquals(index, select(selector, address).index());
  }

  @ParameterizedTest
  @CsvSource({
    "auto, 2, GPU, '[gpu zero, gpu one]'",
    "cpu, -1, CPU, '[cpu zero, cpu one]'",
    "gpu, GPU-5f, GPU, '[gpu zero, gpu one]'"
  })
  void shouldRefuseAnAddressThatNoDeviceHas(
      String selector, String address, String type, String devices) {
    String message =
        assertThrows(ComputeException.class, () -> select(selector, address)).getMessage();

    assertTrue(
        message.endsWith(
            "mend the discovery script: address="
                + address
                + ", type="
                + type
                + ", devices="
                + devices),
        message);
  }

  @Test
  void shouldRefuseSeveralGpus() {
    String message =
        assertThrows(ComputeException.class, () -> select("gpu", "0", "1")).getMessage();

    assertEquals(
        "A rank uses one GPU; set spark.task.resource.gpu.amount=1: addresses=[0, 1]", message);
  }

  @Test
  void shouldRefuseAChoiceByIndex() {
    String message = assertThrows(ComputeException.class, () -> select("3", "0")).getMessage();

    assertTrue(message.endsWith("set device=gpu: device=3"), message);
  }

  @Test
  void shouldFollowTheConfigurationWhereSparkAssignsNone() {
    Map<String, ResourceInformation> others =
        Map.of("fpga", new ResourceInformation("fpga", new String[] {"7"}));

    assertEquals(ComputeDevice.select("auto"), AssignedDevice.select("auto", others));
  }

  private static ComputeDevice select(String selector, String... addresses) {
    return AssignedDevice.select(selector, addresses, DEVICES);
  }

  private static ComputeDevice device(int index, ComputeDevice.Type type, String name) {
    return new ComputeDevice(index, type, name, "vendor", "OpenCL 3.0", 1, 1L << 30);
  }
}
