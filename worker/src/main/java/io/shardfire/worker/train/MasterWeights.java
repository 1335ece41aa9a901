package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.HalfPrecision.Format;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.UnitSpans;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The parameters in fp32: what a rank updates, what a run begins with, and what checkpoints hold.
 * Where passes read parameters in fp32 these are the same memory. Otherwise a rank has master
 * weights of what it updates (Micikevicius et al., 2018) and rounds them for the passes:
 *
 * <pre>
 *                       rank 1 of 3
 * master weights        | own shard |                          fp32
 *   after an update     round |
 * parameters            | shard 0 | own shard | shard 2 |      bf16, gathered
 * gradients             | shard 0 | own shard | shard 2 |      fp32, hold whole units of weights
 *                                                              before the first step and for a
 *                                                              checkpoint
 * </pre>
 */
final class MasterWeights {
  private final Communicator communicator;
  private final ParameterFormat format;
  private final UnitSpans updated;
  private final UnitSpans rounded;
  private final UnitSpans whole;

  /** Whether whole units lie in the gradients, since this rank keeps its shards only. */
  private final boolean borrows;

  private final List<FloatRange> units;
  private final List<FloatRange> shards;
  private final CommandBuffer rounding;

  MasterWeights(Communicator communicator, RankMemoryLayout memoryLayout, RankMemory memory) {
    ShardLayout layout = memoryLayout.layout();
    boolean sharded = memoryLayout.moments().sharded();
    int rank = communicator.rank();
    UnitSpans parameters = memory.parameters();
    this.communicator = communicator;
    this.format = memoryLayout.format();
    this.borrows = sharded && memory.masters().isPresent();
    this.rounded = sharded ? parameters.shards(layout, format, rank) : parameters;
    this.updated = memory.masters().orElse(rounded);
    this.whole = borrows ? memory.gradients() : memory.masters().orElse(parameters);
    this.units = whole.onHost();
    this.shards = updated.onHost();
    this.rounding = format == ParameterFormat.FP32 ? null : rounding(memory, whole);
  }

  private static CommandBuffer rounding(RankMemory memory, UnitSpans whole) {
    CommandRecorder recorder = memory.device().record("rounding of all parameters");
    for (int unit = 0; unit < whole.spans().size(); unit++) {
      HalfPrecision.pack(recorder, Format.BF16, whole.unit(unit), memory.parameters().unit(unit));
    }
    return recorder.finish();
  }

  /** What this rank updates of each unit: its shard, or all of it. */
  UnitSpans updated() {
    return updated;
  }

  /** Records what follows the update of a unit, so that passes read what was updated. */
  void recordRounding(CommandRecorder recorder, int unit) {
    if (format != ParameterFormat.FP32) {
      HalfPrecision.pack(recorder, Format.BF16, updated.unit(unit), rounded.unit(unit));
    }
  }

  /**
   * Begins with other weights. Every rank takes all of them, so that nothing need be gathered.
   *
   * @param source writes whole units in fp32, or the tensors in them and nothing between
   */
  void fill(Consumer<List<FloatRange>> source) {
    source.accept(units);
    whole.upload();
    if (rounding != null) {
      rounding.run();
    }
    if (borrows) {
      int rank = communicator.rank();
      for (int unit = 0; unit < units.size(); unit++) {
        FloatRange shard = shards.get(unit);
        FloatRange from = units.get(unit).slice(rank * shard.length(), shard.length());
        System.arraycopy(
            from.array(), from.offset(), shard.array(), shard.offset(), shard.length());
      }
      updated.upload();
      release();
      whole.upload();
    }
  }

  /**
   * Whole units in fp32, between two steps. Collective where a rank keeps its shards only.
   *
   * @param step after which; once for each
   * @return the host's side, as the last download of the state left it
   */
  List<FloatRange> gather(long step) {
    if (!borrows) {
      return units;
    }
    List<Pending> gathers = new ArrayList<>();
    for (int unit = 0; unit < units.size(); unit++) {
      // The numbers below are those of the same step's gathers of what passes read.
      CollectiveKey key = new CollectiveKey(step, Phase.PARAMETER_GATHER, units.size() + unit);
      gathers.add(communicator.allGather(key, shards.get(unit), units.get(unit)));
    }
    gathers.forEach(Pending::await);
    return units;
  }

  /** Gives the gradients back, zero where no pass writes, before another step. */
  void release() {
    if (borrows) {
      for (FloatRange unit : units) {
        Arrays.fill(unit.array(), unit.offset(), unit.offset() + unit.length(), 0);
      }
    }
  }
}
