package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
    String message = assertThrows(ComputeException.class, buffer::run).getMessage();
    assertEquals(
        "The garbage collector has moved an arena, so the device works on stale memory; run on Java"
            + " 17 or 21 with -XX:+UseG1GC: arena=activations, commandBuffer=doubling, java="
            + Runtime.version(),
        message);
  }

  @Test
  void shouldNoticeUnfinishedWork() {
    Arena arena = memory.allocate("a", LENGTH);
    CommandBuffer buffer = doubling(memory, arena, 0);
    CommandBuffer promisesMore =
        new CommandBuffer(
            memory, "step", buffer.firstWord(), buffer.commands(), 1, buffer.tiles() + 1);
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
