package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;

/**
 * Copies between two spans that no cache holds: the ceiling of what is bound by memory. What a
 * shared machine gives drifts, so measure it in turn with what is compared. Confined to one thread.
 */
public final class CopyBandwidth {
  private static final int FLOATS = 1 << 24;

  private final CommandBuffer copy;

  /** Allocates and runs once. */
  public CopyBandwidth(ComputeContext context) {
    OffsetAllocator offsets = new OffsetAllocator();
    int from = offsets.allocate("from", FLOATS);
    int to = offsets.allocate("to", FLOATS);
    DeviceMemory memory = context.newMemory();
    Arena arena = memory.allocate("copy", offsets.size());
    Span source = arena.span(from, FLOATS);
    CommandRecorder recorder = memory.record("copy");
    Elementwise.copy(recorder, source, arena.span(to, FLOATS));
    source.upload();
    copy = recorder.finish();
    copy.run();
  }

  /** Bytes read and written per second in one copy. */
  public double bytesPerSecond() {
    long started = System.nanoTime();
    copy.run();
    return 2.0 * Float.BYTES * FLOATS / ((System.nanoTime() - started) * 1e-9);
  }
}
