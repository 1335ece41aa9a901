package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The GPU way to run commands, on the CPU device. */
class CommandLauncherTest {
  private static KernelProgram program;

  private final DeviceMemory memory = TestDevice.context().newMemory();
  private final Arena arena = arena(2_200_000);
  private final CommandTable table = new CommandTable();
  private final CommandLauncher launcher =
      NativeLock.call(() -> new CommandLauncher(program, List.of(arena), table));

  @BeforeAll
  static void buildProgram() {
    ComputeDevice device = ComputeDevice.select("auto");
    program =
        NativeLock.call(
            () ->
                KernelProgram.build(
                    OpenClDevices.nativeDevice(device),
                    KernelForm.GPU,
                    KernelSource.assemble(KernelForm.GPU, DeviceRecords.shipped(), 6),
                    6,
                    2));
  }

  private Arena arena(int size) {
    float[] host = new float[size + Arena.READ_SLACK];
    return new Arena(memory, 0, "data", size, host, HumongousArrays.floats("data", size));
  }

  private CommandBuffer copy(int from, int to, int length) {
    PhaseSchedule schedule = new PhaseSchedule();
    schedule.add(
        Command.of(Opcode.COPY, 1 + length / Tunable.ELEMENTS_PER_TILE.minimum())
            .read(arena.span(from, length))
            .write(arena.span(to, length))
            .integer(length));
    return table.store(memory, "copy", schedule);
  }

  private void launch(CommandBuffer buffer) {
    launcher.launch(buffer, 0, buffer.commands());
  }

  @Test
  void shouldKeepHostAndDeviceApart() {
    arena.array()[7] = 3;
    launch(copy(7, 8, 1));
    launcher.download(arena.span(8, 1));
    assertEquals(0, arena.array()[8], "nothing was uploaded");
    launcher.upload(arena.span(7, 1));
    launch(copy(7, 8, 1));
    assertEquals(0, arena.array()[8], "nothing was downloaded");
    launcher.download(arena.span(8, 1));
    assertEquals(3, arena.array()[8]);
  }

  @Test
  void shouldMoveMoreThanTheStagingArrayHolds() {
    int half = arena.size() / 2;
    float[] expected = new float[half];
    for (int i = 0; i < half; i++) {
      expected[i] = i;
      arena.array()[i] = i;
    }
    launcher.upload(arena.span(0, half));
    launch(copy(0, half, half));
    launcher.download(arena.span(half, half));
    assertArrayEquals(expected, Arrays.copyOfRange(arena.array(), half, 2 * half));
  }

  @Test
  void shouldStoreLaterCommandBuffersBesideEarlierOnes() {
    arena.array()[0] = 5;
    launcher.upload(arena.span(0, 1));
    CommandBuffer first = copy(0, 1, 1);
    launch(first);
    CommandBuffer second = copy(1, 2, 1);
    launch(second);
    launch(first);
    launcher.download(arena.span(0, 3));
    assertArrayEquals(new float[] {5, 5, 5}, Arrays.copyOf(arena.array(), 3));
  }

  @Test
  void shouldNoticeALaunchThatDidNotHappen() {
    launch(copy(0, 1, 1));
    launcher.forget();
    String message =
        assertThrows(ComputeException.class, () -> launcher.download(arena.span(0, 1)))
            .getMessage();
    assertTrue(
        message.startsWith(
            "The device did not run all commands; the OpenCL error is on standard error"),
        message);
  }

  @ParameterizedTest
  @EnumSource(Opcode.class)
  void shouldHaveAKernelForEveryOpcodeOfTheForm(Opcode opcode) {
    String kernel = "run_" + opcode.name().toLowerCase(Locale.ROOT);
    if (!opcode.isOf(KernelForm.GPU)) {
      assertThrows(
          ComputeException.class,
          () -> NativeLock.call(() -> program.createKernel(kernel, List.of())));
      return;
    }
    assertDoesNotThrow(
        () -> NativeLock.call(() -> program.createKernel(kernel, List.of())).dispose());
  }
}
