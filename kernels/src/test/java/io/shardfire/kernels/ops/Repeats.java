package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.Workbench;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Runs operations many times: the threads share the tiles differently each time. */
final class Repeats {
  private static final int RUNS = 10;

  private Repeats() {}

  /** Operations that do not change their inputs must write the same bits on every run. */
  static void assertSameBits(
      Workbench bench, List<Span> outputs, Consumer<CommandRecorder> operations) {
    CommandBuffer commands = bench.record(operations);
    commands.run();
    List<double[]> first = outputs.stream().map(bench::read).toList();
    for (double[] values : first) {
      assertEquals(0, Arrays.stream(values).filter(Double::isNaN).count());
    }
    for (int run = 1; run < RUNS; run++) {
      commands.run();
      for (int i = 0; i < first.size(); i++) {
        assertArrayEquals(first.get(i), bench.read(outputs.get(i)));
      }
    }
  }
}
