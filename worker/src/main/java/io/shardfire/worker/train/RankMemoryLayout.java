package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.model.Gpt2Activations;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2Parameters;
import io.shardfire.worker.model.Slot;
import java.util.ArrayList;
import java.util.List;

/**
 * What one rank's arenas hold and how many floats each takes. Pure arithmetic, shared by planning
 * and allocation, which therefore refuse the same models.
 *
 * @param layout of parameters and gradients
 * @param moments of each of the optimizer's moments
 * @param levels gradients set aside while a rank sums its logical shards
 * @param adamStep the optimizer's per-step scalars
 * @param blockSums two floats per block of this rank's gradient shards
 */
record RankMemoryLayout(
    Gpt2Configuration model,
    ShardLayout layout,
    BatchShape batch,
    MomentLayout moments,
    GradientLevels levels,
    Gpt2Activations activations,
    Slot adamStep,
    Slot blockSums,
    long activationFloats) {

  /** An arena and its size. */
  record ArenaSize(String name, int floats) {
    /** Checks the size as allocation does. */
    static ArenaSize of(String name, long floats) {
      return new ArenaSize(name, DeviceMemory.checkSize(name, floats));
    }
  }

  /**
   * The layout for one rank of {@code worldSize}.
   *
   * @throws ComputeException when an arena would be too large, naming it, its floats and the limit
   * @throws IllegalArgumentException when the parameters alone are too many, or the ranks cannot
   *     share the logical shards
   */
  static RankMemoryLayout of(
      Gpt2Configuration model, TrainingConfiguration training, int worldSize) {
    ShardLayout layout =
        ShardLayout.of(Gpt2Parameters.units(model), worldSize, OffsetAllocator.firstOffset());
    BatchShape batch = BatchShape.of(training, model.context(), worldSize);
    OffsetAllocator allocator = new OffsetAllocator();
    Gpt2Activations activations =
        Gpt2Activations.plan(allocator, model, batch.microBatch(), batch.context());
    Slot adamStep = Slot.of(allocator, "optimizer step", AdamW.STEP_FLOATS);
    Slot blockSums = Slot.of(allocator, "gradient block sums", 2L * blocksPerRank(layout));
    RankMemoryLayout planned =
        new RankMemoryLayout(
            model,
            layout,
            batch,
            MomentLayout.of(layout, training.zeroStage()),
            GradientLevels.of(layout, batch.shardsPerRank(), DeviceMemory.MAX_FLOATS),
            activations,
            adamStep,
            blockSums,
            allocator.size());
    planned.arenas();
    return planned;
  }

  /** Blocks of all of one rank's shards. */
  static int blocksPerRank(ShardLayout layout) {
    return layout.length() / layout.worldSize() / ShardLayout.BLOCK;
  }

  /**
   * Every arena, in the order of allocation; the gradient stack, which comes last, only when there
   * is one.
   *
   * @throws ComputeException when one is too large
   */
  List<ArenaSize> arenas() {
    long state = (long) layout.base() + layout.length();
    List<ArenaSize> arenas = new ArrayList<>();
    arenas.add(ArenaSize.of("parameters", state));
    arenas.add(ArenaSize.of("gradients", levels.gradientFloats()));
    arenas.add(ArenaSize.of("first moment", moments.floats()));
    arenas.add(ArenaSize.of("second moment", moments.floats()));
    arenas.add(ArenaSize.of("activations", activationFloats));
    if (levels.inStack() > 0) {
      arenas.add(ArenaSize.of("gradient stack", levels.stackFloats()));
    }
    return List.copyOf(arenas);
  }
}
