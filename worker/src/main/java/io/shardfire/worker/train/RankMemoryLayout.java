package io.shardfire.worker.train;

import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.model.Gpt2Activations;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2Parameters;
import io.shardfire.worker.model.Slot;
import java.util.List;

/**
 * What one rank's arenas hold and how many floats each takes. Pure arithmetic, shared by planning
 * and allocation.
 *
 * @param layout of parameters and gradients
 * @param moments of each of the optimizer's moments
 * @param stackLevels gradients set aside while a rank sums its logical shards
 * @param adamStep the optimizer's per-step scalars
 * @param blockSums two floats per block of this rank's gradient shards
 */
record RankMemoryLayout(
    Gpt2Configuration model,
    ShardLayout layout,
    BatchShape batch,
    MomentLayout moments,
    int stackLevels,
    Gpt2Activations activations,
    Slot adamStep,
    Slot blockSums,
    long activationFloats) {

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
    return new RankMemoryLayout(
        model,
        layout,
        batch,
        MomentLayout.of(layout, training.zeroStage()),
        GradientStack.levels(batch.shardsPerRank()),
        activations,
        adamStep,
        blockSums,
        allocator.size());
  }

  /** Blocks of all of one rank's shards. */
  static int blocksPerRank(ShardLayout layout) {
    return layout.length() / layout.worldSize() / ShardLayout.BLOCK;
  }

  /** Floats of an arena indexed by the layout: parameters or gradients. */
  long stateFloats() {
    return (long) layout.base() + layout.length();
  }

  /** Floats of every arena, in the order of allocation. */
  List<Long> arenaSizes() {
    return List.of(
        stateFloats(),
        stateFloats(),
        moments.floats(),
        moments.floats(),
        activationFloats,
        stackFloats());
  }

  /** Floats of the gradient stack; 0 when there is none. */
  long stackFloats() {
    return stackLevels == 0 ? 0 : layout.base() + (long) stackLevels * layout.length();
  }
}
