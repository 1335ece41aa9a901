package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Elementwise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMemoryTest {
  private final DeviceMemory memory = TestDevice.context().newMemory();

  private String allocationFailure(long floats) {
    return assertThrows(ComputeException.class, () -> memory.allocate("weights", floats))
        .getMessage();
  }

  @Test
  void shouldPadArenasUntilTheCollectorLeavesThemInPlace() {
    Arena arena = memory.allocate("small", 5);
    assertEquals(5, arena.size());
    assertTrue(arena.array().length >= HumongousArrays.minimumElements());
    assertEquals("small", arena.name());
  }

  @Test
  void shouldRefuseSizesTheNativeLayerCannotTake() {
    String rule =
        "An arena holds between 1 and 536869935 floats; reduce the batch, the context or the model:"
            + " arena=weights, floats=";
    assertEquals(rule + 0, allocationFailure(0));
    long tooMany = DeviceMemory.MAX_FLOATS + 1L;
    assertEquals(rule + tooMany, allocationFailure(tooMany));
    assertEquals(rule + (1L << 40), allocationFailure(1L << 40));
    assertEquals(DeviceMemory.MAX_FLOATS, DeviceMemory.checkSize("w", DeviceMemory.MAX_FLOATS));
    assertEquals(
        rule + tooMany,
        assertThrows(ComputeException.class, () -> DeviceMemory.checkSize("weights", tooMany))
            .getMessage());
  }

  @Test
  void shouldNameTheHeapThatIsTooSmall() {
    long floats = 536_000_000L;
    assertEquals(
        "The Java heap is too small for an arena; raise -Xmx or reduce the batch, the context or the"
            + " model: arena=weights, neededBytes="
            + 4 * (floats + 65)
            + ", maximumHeapBytes="
            + Runtime.getRuntime().maxMemory(),
        allocationFailure(floats));
  }

  @Test
  void shouldRefuseMoreArenasThanKernelsCanTake() {
    String rule =
        "A device memory has at most 120 arenas; reduce the batch or the context, or share the model"
            + " among more ranks: arenas=";
    for (int i = 0; i < DeviceMemory.MAX_ARENAS; i++) {
      memory.allocate("a" + i, 1);
    }
    assertEquals(rule + 121, allocationFailure(1));
    DeviceMemory.checkCount(120);
    assertEquals(
        rule + (1L << 40),
        assertThrows(ComputeException.class, () -> DeviceMemory.checkCount(1L << 40)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6, 7, 21})
  void shouldRunCommandsOverEveryArena(int count) {
    PageAllocator allocator = new PageAllocator(new PageSize(2_000));
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addresses.add(allocator.allocate("block", 1_500 + i));
    }
    Pages pages = memory.allocate("blocks", allocator.plan());
    assertEquals(count, pages.arenas().size());
    CommandRecorder recorder = memory.record("chain");
    for (int i = 0; i < count; i++) {
      Span block = pages.span(addresses.get(i), 1_500 + i);
      block.arena().array()[block.offset() + 1_499 + i] = i;
      block.upload();
      if (i > 0) {
        Span before = pages.span(addresses.get(i - 1) + i - 1, 1_500);
        Elementwise.add(recorder, before, block.slice(i, 1_500), block.slice(i, 1_500));
      }
    }
    recorder.finish().run();
    for (int i = 0; i < count; i++) {
      Span block = pages.span(addresses.get(i), 1_500 + i);
      block.download();
      float last = block.arena().array()[block.offset() + block.length() - 1];
      assertEquals(0.5f * i * (i + 1), last, block.arena().name());
    }
  }

  @Test
  void shouldRefuseArenasAfterTheFirstRun() {
    Arena arena = memory.allocate("a", 10);
    CommandRecorder recorder = memory.record("fill");
    Elementwise.fill(recorder, arena.span(0, 10), 2f);
    recorder.finish().run();
    assertEquals(
        "All arenas must be allocated before the first run, upload or download: arena=weights",
        allocationFailure(1));
  }

  @Test
  void shouldRefuseOperandsOfAnotherRank() {
    Arena foreign = TestDevice.context().newMemory().allocate("foreign", 10);
    CommandRecorder recorder = memory.record("step");
    assertEquals(
        "An operand belongs to the arenas of another rank: opcode=FILL, arena=foreign,"
            + " commandBuffer=step",
        assertThrows(
                IllegalArgumentException.class,
                () -> Elementwise.fill(recorder, foreign.span(0, 10), 1f))
            .getMessage());
  }
}
