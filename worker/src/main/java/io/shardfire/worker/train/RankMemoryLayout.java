package io.shardfire.worker.train;

import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.CausalLanguageModel;
import io.shardfire.worker.nn.Constant;
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
 * and allocation.
 *
 * @param layout of parameters and gradients
 * @param moments of each of the optimizer's moments
 * @param stackLevels gradients set aside while a rank sums its logical shards
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
    int stackLevels,
    TokenBatch fields,
    Program training,
    Program evaluation,
    List<Constant> constants,
    Placement placement,
    Value adamStep,
    Value blockSums,
    long activationFloats) {

  static RankMemoryLayout of(
      ModelConfiguration model, TrainingConfiguration training, int worldSize) {
    BatchShape batch = BatchShape.of(training, model.context(), worldSize);
    TokenBatch fields = TokenBatch.of(batch.microBatch(), batch.context());
    CausalLanguageModel modules = Architecture.of(model, fields);
    float lossScale = (float) (1.0 / batch.tokensPerStep());
    Program pass = modules.record(Pass.training(batch.microBatch(), batch.context(), lossScale));
    Program evaluation = modules.record(Pass.evaluation(batch.microBatch(), batch.context()));
    ShardLayout layout = ShardLayout.of(pass.units(), worldSize, OffsetAllocator.firstOffset());
    Value adamStep = Value.pinned("optimizer step", 1, AdamW.STEP_FLOATS);
    Value blockSums = Value.pinned("gradient block sums", blocksPerRank(layout), 2);
    List<Value> pinned = new ArrayList<>(fields.fields());
    pinned.add(adamStep);
    pinned.add(blockSums);
    OffsetAllocator allocator = new OffsetAllocator();
    Placement placement = Placement.of(allocator, pinned, List.of(pass, evaluation));
    return new RankMemoryLayout(
        model,
        layout,
        batch,
        MomentLayout.of(layout, training.zeroStage()),
        GradientStack.levels(batch.shardsPerRank()),
        fields,
        pass,
        evaluation,
        modules.constants(),
        placement,
        adamStep,
        blockSums,
        allocator.size());
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
