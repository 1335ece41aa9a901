package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class KernelFormTest {
  private static final ComputeDevice GPU = device(0, ComputeDevice.Type.GPU, "Fast");
  private static final ComputeDevice CPU = device(1, ComputeDevice.Type.CPU, "Plain");

  private static ComputeDevice device(int index, ComputeDevice.Type type, String name) {
    return new ComputeDevice(index, type, name, "vendor", "version", 4, 1L << 30);
  }

  @Test
  void shouldFollowTheTypeOfTheDevice() {
    assertEquals(KernelForm.CPU, KernelForm.of(CPU, null));
    assertEquals(KernelForm.GPU, KernelForm.of(GPU, null));
  }

  @Test
  void shouldVerifyGpuFormsOnACpu() {
    assertEquals(KernelForm.GPU, KernelForm.of(CPU, "gpu"));
  }

  @Test
  void shouldRefuseFormsThatDoNotFit() {
    String message =
        assertThrows(ComputeException.class, () -> KernelForm.of(GPU, "cpu")).getMessage();
    assertEquals(
        "The form of the kernels must be cpu (on CPU devices) or gpu: shardfire.kernels.form=cpu,"
            + " device=0:GPU Fast",
        message);
    assertThrows(ComputeException.class, () -> KernelForm.of(CPU, "tpu"));
  }
}
