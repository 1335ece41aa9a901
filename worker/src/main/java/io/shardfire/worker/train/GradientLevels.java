package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;

/**
 * Where the levels of a {@link GradientStack} lie: in an arena of their own as long as it holds
 * them, the rest behind the gradients. Pure arithmetic.
 *
 * <pre>
 * gradient stack | base | level 0 | level 1 | ... |
 * gradients      | base | gradients         | level k | ... |
 * </pre>
 *
 * @param levels gradients set aside while a rank sums its logical shards
 * @param inStack how many of them the arena of their own holds
 */
record GradientLevels(ShardLayout layout, int levels, int inStack) {

  /**
   * Places the levels that the sum of {@code shards} shards needs.
   *
   * @param largestArena floats
   */
  static GradientLevels of(ShardLayout layout, int shards, int largestArena) {
    int levels = Integer.SIZE - Integer.numberOfLeadingZeros(shards - 1);
    int fit = (largestArena - layout.base()) / layout.length();
    return new GradientLevels(layout, levels, Math.min(levels, fit));
  }

  /** Floats of the arena of the gradients themselves. */
  long gradientFloats() {
    return layout.base() + (1L + levels - inStack) * layout.length();
  }

  /** Floats of the arena of their own; 0 when there is none. */
  long stackFloats() {
    return inStack == 0 ? 0 : layout.base() + (long) inStack * layout.length();
  }

  /** A range of the layout in one level. */
  Span level(Arena gradients, Arena stack, int level, FlatRange range) {
    return level < inStack
        ? stack.span(level * layout.length() + range.offset(), range.length())
        : gradients.span((1 + level - inStack) * layout.length() + range.offset(), range.length());
  }
}
