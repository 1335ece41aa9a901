package io.shardfire.worker.model;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;

/** A planned range of an arena that may not exist yet. */
public record Slot(String name, int offset, int length) {
  /** Reserves {@code floats} floats. */
  public static Slot of(OffsetAllocator allocator, String name, long floats) {
    return new Slot(name, allocator.allocate(name, floats), Math.toIntExact(floats));
  }

  /** The range of the arena it was planned for. */
  public Span in(Arena arena) {
    return arena.span(offset, length);
  }
}
