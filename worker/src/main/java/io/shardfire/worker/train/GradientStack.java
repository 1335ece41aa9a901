package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Sums the gradients of a rank's logical shards in the fixed binary tree over shards, whose ranges
 * split at the largest power of two below their size, with one gradient per level. Level k holds
 * the sum of 2^k shards, as bit k of a binary counter does:
 *
 * <pre>
 * shard 0   level 0 := g0
 * shard 1   level 1 := level 0 + g1
 * shard 2   level 0 := g2
 * shard 3   gradients := level 1 + (level 0 + g3)      the last shard stays in the gradient arena
 * </pre>
 */
final class GradientStack {
  private final int shards;
  private final List<CommandBuffer> pushes;
  private final List<CommandBuffer> finishUnits;

  private GradientStack(int shards, List<CommandBuffer> pushes, List<CommandBuffer> finishUnits) {
    this.shards = shards;
    this.pushes = pushes;
    this.finishUnits = finishUnits;
  }

  /** Records the sums of {@code shards} shards; {@code stack} may be null without levels. */
  static GradientStack record(
      DeviceMemory memory, GradientLevels levels, int shards, Arena gradients, Arena stack) {
    ShardLayout layout = levels.layout();
    List<CommandBuffer> pushes = new ArrayList<>();
    FlatRange all = new FlatRange(layout.base(), layout.length());
    for (int carries = 0; carries < levels.levels(); carries++) {
      CommandRecorder recorder = memory.record("gradient stack push " + carries);
      Span leaf = gradients.span(all.offset(), all.length());
      for (int level = 0; level < carries; level++) {
        Span out = level + 1 == carries ? levels.level(gradients, stack, carries, all) : leaf;
        Elementwise.add(recorder, levels.level(gradients, stack, level, all), leaf, out);
      }
      if (carries == 0) {
        Elementwise.copy(recorder, leaf, levels.level(gradients, stack, 0, all));
      }
      pushes.add(recorder.finish());
    }
    List<CommandBuffer> finishUnits = new ArrayList<>();
    for (int unit = 0; unit < layout.units().size() && shards > 1; unit++) {
      CommandRecorder recorder = memory.record("gradient stack finish " + unit);
      FlatRange range = layout.unit(unit);
      Span sum = gradients.span(range.offset(), range.length());
      for (int level = 0; level < levels.levels(); level++) {
        if (((shards - 1) >> level & 1) == 1) {
          Elementwise.add(recorder, levels.level(gradients, stack, level, range), sum, sum);
        }
      }
      finishUnits.add(recorder.finish());
    }
    return new GradientStack(shards, List.copyOf(pushes), List.copyOf(finishUnits));
  }

  /** Sets aside the gradients of local shard {@code shard}, which is not the last. */
  void push(int shard) {
    pushes.get(Integer.numberOfTrailingZeros(~shard)).run();
  }

  /** Adds what was set aside to the last shard's gradients of a unit. */
  void finish(int unit) {
    if (shards > 1) {
      finishUnits.get(unit).run();
    }
  }
}
