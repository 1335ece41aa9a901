package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelSourceTest {
  @ParameterizedTest
  @EnumSource(Opcode.class)
  void shouldDispatchEveryOpcode(Opcode opcode) {
    String source = KernelSource.assemble(KernelForm.CPU, null, DeviceRecords.shipped(), 6);
    assertTrue(source.contains("#define OPCODE_" + opcode + " " + opcode.code() + "\n"));
    assertEquals(
        opcode.isOf(KernelForm.CPU), source.contains("case OPCODE_" + opcode + ":"), opcode::name);
  }

  @Test
  void shouldForceTheVectorWidth() {
    assertTrue(
        KernelSource.assemble(KernelForm.CPU, "8", DeviceRecords.shipped(), 6)
            .startsWith("#define LANES 8\n"));
    assertEquals(
        "The vector width must be 8 or 16: shardfire.kernels.lanes=12",
        assertThrows(
                ComputeException.class,
                () -> KernelSource.assemble(KernelForm.CPU, "12", DeviceRecords.shipped(), 6))
            .getMessage());
  }

  @Test
  void shouldReportASourceThatDoesNotBuild() {
    ComputeDevice device = ComputeDevice.select("auto");
    String message =
        assertThrows(
                ComputeException.class,
                () ->
                    NativeLock.call(
                        () ->
                            KernelProgram.build(
                                OpenClDevices.nativeDevice(device),
                                KernelForm.of(device),
                                "this is not OpenCL C",
                                6,
                                1)))
            .getMessage();
    assertTrue(
        message.startsWith(
            "The OpenCL kernels do not build on this device; the build log is on standard error:"
                + " device="
                + device.name()),
        message);
  }
}
