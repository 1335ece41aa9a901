package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.PagePlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Memory of runs that have ended in this JVM. The native layer keeps every array it has worked on
 * for the life of the JVM, so a run that is started again, as after the loss of another rank, must
 * take over the arenas of the run before it instead of allocating its own. Thread-safe.
 */
final class RankMemoryPool {
  private static final List<Entry> FREE = new ArrayList<>();

  private RankMemoryPool() {}

  private record Entry(
      ComputeContext compute, Map<MemoryRole, PagePlan> sizes, RankMemory memory) {}

  /** Zeroed arenas for a layout: those of an earlier run of the same sizes, or new ones. */
  static RankMemory take(ComputeContext compute, RankMemoryLayout layout) {
    RankMemory earlier = earlier(compute, layout.pages());
    if (earlier == null) {
      return RankMemory.allocate(compute, layout);
    }
    RankMemory reused = RankMemory.of(earlier.device(), earlier.pages(), layout);
    for (Arena arena : reused.arenas()) {
      Arrays.fill(arena.array(), 0, arena.size(), 0);
      arena.span(0, arena.size()).upload();
    }
    return reused;
  }

  private static synchronized RankMemory earlier(
      ComputeContext compute, Map<MemoryRole, PagePlan> sizes) {
    for (Iterator<Entry> entries = FREE.iterator(); entries.hasNext(); ) {
      Entry entry = entries.next();
      if (entry.compute() == compute && entry.sizes().equals(sizes)) {
        entries.remove();
        return entry.memory();
      }
    }
    return null;
  }

  /** Takes back memory that nothing uses any more, the network included. */
  static synchronized void giveBack(
      ComputeContext compute, RankMemoryLayout layout, RankMemory memory) {
    FREE.add(new Entry(compute, layout.pages(), memory));
  }
}
