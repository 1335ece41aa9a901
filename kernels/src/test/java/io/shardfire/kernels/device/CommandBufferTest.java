package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Elementwise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CommandBufferTest {
  private static final int LENGTH = 20_000;
  private final DeviceMemory memory = TestDevice.context().newMemory();

  /** Doubles the span that starts at {@code offset}, once per run. */
  private static CommandBuffer doubling(DeviceMemory memory, Arena arena, int offset) {
    CommandRecorder recorder = memory.record("doubling");
    Span x = arena.span(offset, LENGTH);
    Elementwise.add(recorder, x, x, x);
    return recorder.finish();
  }

  @Test
  void shouldRunDependentCommandsInOrder() {
    Arena arena = memory.allocate("chain", 50L * 100);
    CommandRecorder recorder = memory.record("chain");
    Elementwise.fill(recorder, arena.span(0, 100), 1f);
    for (int i = 1; i < 50; i++) {
      Span previous = arena.span(100 * (i - 1), 100);
      Elementwise.add(recorder, previous, previous, arena.span(100 * i, 100));
    }
    CommandBuffer buffer = recorder.finish();
    assertEquals(50, buffer.phases());
    for (int run = 0; run < 3; run++) {
      buffer.run();
      assertEquals((float) Math.pow(2, 49), arena.array()[4999]);
      arena.array()[4999] = 0;
    }
  }

  @Test
  void shouldRunAnEmptyRecording() {
    CommandBuffer buffer = memory.record("nothing").finish();
    buffer.run();
    assertEquals("nothing", buffer.name());
    assertEquals(0, buffer.commands());
  }

  @Test
  void shouldRefuseToRecordAfterTheEnd() {
    Arena arena = memory.allocate("a", 10);
    CommandRecorder recorder = memory.record("step");
    recorder.finish();
    assertEquals(
        "The recording is finished: commandBuffer=step",
        assertThrows(
                IllegalStateException.class, () -> Elementwise.fill(recorder, arena.span(0, 1), 0f))
            .getMessage());
  }

  @Test
  void shouldNoticeAMovedArena() {
    Arena arena = memory.allocate("activations", LENGTH);
    CommandBuffer buffer = doubling(memory, arena, 0);
    buffer.run();
    // The device looks for the mark where the host did not put it, as it would after a move.
    memory.table().markIndex(0, arena.markIndex() + 1);
    assertEquals(moved("activations"), messageOf(buffer));
  }

  @Test
  void shouldNoticeThatWhatStandsForAbsentArenasMoved() {
    CommandBuffer buffer = doubling(memory, memory.allocate("activations", LENGTH), 0);
    buffer.run();
    memory.table().markIndex(1, 1);
    assertEquals(moved("placeholder"), messageOf(buffer));
  }

  private static String messageOf(CommandBuffer buffer) {
    return assertThrows(ComputeException.class, buffer::run).getMessage();
  }

  private static String moved(String arena) {
    return "The garbage collector has moved an arena, so the device works on stale memory; run on"
        + " Java 17 or 21 with -XX:+UseG1GC: arena="
        + arena
        + ", commandBuffer=doubling, java="
        + Runtime.version();
  }

  @Test
  void shouldProfileEachCommandWithoutChangingResults() {
    Arena arena = memory.allocate("chain", 3L * LENGTH);
    CommandRecorder recorder = memory.record("chain");
    Span x = arena.span(0, LENGTH);
    Span y = arena.span(LENGTH, LENGTH);
    Elementwise.fill(recorder, x, 1f);
    Elementwise.fill(recorder, y, 2f);
    Elementwise.add(recorder, x, y, arena.span(2 * LENGTH, LENGTH));
    Elementwise.add(recorder, x, x, x);
    CommandBuffer buffer = recorder.finish();
    List<CommandWork> works = new ArrayList<>();
    memory
        .context()
        .profile(
            buffer::run,
            (work, nanos) -> {
              works.add(work);
              assertTrue(nanos > 0, work.toString());
            });
    long bytes = 4L * LENGTH;
    CommandWork fill = new CommandWork(Opcode.FILL, "", 0, bytes);
    CommandWork add = new CommandWork(Opcode.ADD, "", 0, 3 * bytes);
    CommandWork twice = new CommandWork(Opcode.ADD, "", 0, 2 * bytes);
    assertEquals(List.of(fill, fill, add, twice), works);
    assertEquals(2, arena.array()[LENGTH - 1]);
    assertEquals(3, arena.array()[3 * LENGTH - 1]);
    works.clear();
    buffer.run();
    assertEquals(List.of(), works, "only while it is asked for");
  }

  @Test
  void shouldNoticeUnfinishedWork() {
    Arena arena = memory.allocate("a", LENGTH);
    CommandBuffer buffer = doubling(memory, arena, 0);
    CommandBuffer promisesMore =
        new CommandBuffer(memory, "step", buffer.word(0), buffer.works(), 1, buffer.tilesTo(0) + 1);
    assertEquals(
        "The device did not run all of a command buffer; the OpenCL error is on standard error:"
            + " commandBuffer=step, tilesDone=3, tiles=4",
        assertThrows(ComputeException.class, promisesMore::run).getMessage());
  }

  @Test
  void shouldKeepTheArenasOfTwoThreadsApart() throws Exception {
    int runs = 60;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<float[]>> results = new ArrayList<>();
      for (int rank = 0; rank < 2; rank++) {
        int start = rank + 1;
        Callable<float[]> work =
            () -> {
              DeviceMemory own = TestDevice.context().newMemory();
              Arena first = own.allocate("first", LENGTH);
              Arena second = own.allocate("second", 2 * LENGTH);
              CommandBuffer onFirst = doubling(own, first, 0);
              CommandBuffer onSecond = doubling(own, second, LENGTH);
              second.array()[LENGTH + 7] = start;
              for (int run = 0; run < runs; run++) {
                onFirst.run();
                onSecond.run();
              }
              return new float[] {second.array()[LENGTH + 7], first.array()[7]};
            };
        results.add(threads.submit(work));
      }
      for (int rank = 0; rank < 2; rank++) {
        float expected = (rank + 1) * (float) Math.pow(2, runs);
        assertArrayEquals(new float[] {expected, 0f}, results.get(rank).get(60, TimeUnit.SECONDS));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void shouldSurviveGarbageCollections() {
    Arena arena = memory.allocate("a", LENGTH);
    CommandBuffer buffer = doubling(memory, arena, 0);
    arena.array()[3] = 1;
    for (int run = 0; run < 20; run++) {
      buffer.run();
      if (run % 5 == 0) {
        System.gc();
      }
    }
    assertEquals((float) Math.pow(2, 20), arena.array()[3]);
  }
}
