package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * What one rank's arenas hold and how many floats each takes. Pure arithmetic, shared by planning
 * and allocation, which therefore refuse the same models.
 *
 * @param layout of parameters and gradients
 * @param moments of each of the optimizer's moments
 * @param levels gradients set aside while a rank sums its logical shards
 * @param fields what passes read and write
 * @param training forward and backward of a pass
 * @param evaluation forward only
 * @param constants tables that are filled once
 * @param placement of all values in the activation arena
 * @param adamStep the optimizer's per-step scalars
 * @param blockSums two floats per block of this rank's gradient shards
 */
record RankMemoryLayout(
    ModelConfiguration model,
    ShardLayout layout,
    BatchShape batch,
    MomentLayout moments,
    GradientLevels levels,
    TokenBatch fields,
    Program training,
    Program evaluation,
    List<Constant> constants,
    Placement placement,
    Value adamStep,
    Value blockSums,
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
      ModelConfiguration model, TrainingConfiguration training, int worldSize) {
    BatchShape batch = BatchShape.of(training, model.context(), worldSize);
    TokenBatch fields = TokenBatch.of(Architecture.form(model, batch.microBatch()));
    LanguageModel modules = Architecture.of(model, fields);
    float lossScale = (float) (1.0 / batch.tokensPerStep());
    Program pass =
        modules.record(
            Pass.training(batch.microBatch(), batch.context(), lossScale)
                .withRecomputedBlocks(training.recompute()));
    Program evaluation = modules.record(Pass.evaluation(batch.microBatch(), batch.context()));
    ShardLayout layout = ShardLayout.of(pass.units(), worldSize, OffsetAllocator.firstOffset());
    Value adamStep = Value.pinned("optimizer step", 1, AdamW.STEP_FLOATS);
    Value blockSums = Value.pinned("gradient block sums", blocksPerRank(layout), 2);
    List<Value> pinned = new ArrayList<>(fields.fields());
    pinned.add(adamStep);
    pinned.add(blockSums);
    OffsetAllocator allocator = new OffsetAllocator();
    Placement placement = Placement.of(allocator, pinned, List.of(pass, evaluation));
    RankMemoryLayout planned =
        new RankMemoryLayout(
            model,
            layout,
            batch,
            MomentLayout.of(layout, training.zeroStage()),
            GradientLevels.of(layout, batch.shardsPerRank(), DeviceMemory.MAX_FLOATS),
            fields,
            pass,
            evaluation,
            modules.constants(),
            placement,
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

  /** Makes command buffers of the programs over allocated arenas. */
  ProgramRecorder recorder(RankMemory memory) {
    return new ProgramRecorder(
        memory.device(),
        layout,
        placement,
        memory.parameters(),
        memory.gradients(),
        memory.activations());
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
