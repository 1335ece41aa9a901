package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.worker.program.UnitSpans;
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
 * shard 3   gradients := level 1 + (level 0 + g3)      the last shard stays in the gradients
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

  /** Gradients that are set aside, at most, while {@code shards} shards are summed. */
  static int levels(int shards) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(shards - 1);
  }

  /**
   * Records the sums of {@code shards} shards.
   *
   * @param levels as many as {@link #levels(int)} says
   */
  static GradientStack record(
      DeviceMemory memory, int shards, UnitSpans gradients, List<UnitSpans> levels) {
    int units = gradients.spans().size();
    List<CommandBuffer> pushes = new ArrayList<>();
    for (int carries = 0; carries < levels.size(); carries++) {
      CommandRecorder recorder = memory.record("gradient stack push " + carries);
      for (int unit = 0; unit < units; unit++) {
        push(recorder, carries, gradients.unit(unit), levels, unit);
      }
      pushes.add(recorder.finish());
    }
    List<CommandBuffer> finishUnits = new ArrayList<>();
    for (int unit = 0; unit < units && shards > 1; unit++) {
      CommandRecorder recorder = memory.record("gradient stack finish " + unit);
      Span sum = gradients.unit(unit);
      for (int level = 0; level < levels.size(); level++) {
        if (((shards - 1) >> level & 1) == 1) {
          Elementwise.add(recorder, levels.get(level).unit(unit), sum, sum);
        }
      }
      finishUnits.add(recorder.finish());
    }
    return new GradientStack(shards, List.copyOf(pushes), List.copyOf(finishUnits));
  }

  private static void push(
      CommandRecorder recorder, int carries, Span leaf, List<UnitSpans> levels, int unit) {
    Span top = levels.get(carries).unit(unit);
    for (int level = 0; level < carries; level++) {
      Span out = level + 1 == carries ? top : leaf;
      Elementwise.add(recorder, levels.get(level).unit(unit), leaf, out);
    }
    if (carries == 0) {
      Elementwise.copy(recorder, leaf, top);
    }
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
