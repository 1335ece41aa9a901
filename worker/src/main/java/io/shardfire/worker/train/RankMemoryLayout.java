package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PagePlan;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.UnitPlacement;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one rank's arenas hold and how many floats each takes. Pure arithmetic, shared by planning
 * and allocation, which therefore refuse the same models.
 *
 * @param layout of tensors and shards in units
 * @param format of the parameters that passes read
 * @param rule how parameters are updated
 * @param moments what the rank has of each of the optimizer's moments
 * @param parameters where the units of the parameters lie that passes read
 * @param masters where what a rank updates lies in fp32; none where that is the parameters
 * @param gradients where the units of the gradients lie
 * @param momentUnits where those of each moment lie
 * @param levels where the gradients lie that are set aside while a rank sums its logical shards
 * @param pages of every role
 * @param fields what passes read and write
 * @param training forward and backward of a pass
 * @param evaluation forward only
 * @param constants tables that are filled once
 * @param placement of all values in the pages of the activations
 * @param optimizerStep the per-step scalars of the rule, then its scratch space
 * @param blockSums two floats per block of this rank's gradient shards
 */
record RankMemoryLayout(
    ModelConfiguration model,
    ShardLayout layout,
    BatchShape batch,
    ParameterFormat format,
    UpdateRule rule,
    MomentLayout moments,
    UnitPlacement parameters,
    Optional<UnitPlacement> masters,
    UnitPlacement gradients,
    List<UnitPlacement> momentUnits,
    List<UnitPlacement> levels,
    Map<MemoryRole, PagePlan> pages,
    TokenBatch fields,
    Program training,
    Program evaluation,
    List<Constant> constants,
    Placement placement,
    Value optimizerStep,
    Value blockSums) {

  /** Tokens of all recurrent layers, whose commands fit into {@code CommandTable}. */
  private static final int RECURRENT_STEPS = 1400;

  /** What else a layer does, in tokens. */
  private static final int OTHER_COMMANDS = 4;

  /** Packing and unpacking what a layer made, in tokens. */
  private static final int CONVERSIONS = 2;

  /** Unpacking a layer's parameters in both directions, in tokens. */
  private static final int PARAMETER_CONVERSIONS = 2;

  /** Copies and checks as allocation does. */
  RankMemoryLayout {
    momentUnits = List.copyOf(momentUnits);
    levels = List.copyOf(levels);
    pages = Collections.unmodifiableMap(new EnumMap<>(pages));
    DeviceMemory.checkCount(pages.values().stream().mapToLong(plan -> plan.floats().size()).sum());
  }

  /**
   * The layout for one rank of {@code worldSize}.
   *
   * @throws ComputeException when a page cannot hold a value or a unit, or there are too many
   *     pages; names what, and the limit
   * @throws IllegalArgumentException when a unit has too many parameters, or the ranks cannot share
   *     the logical shards
   */
  static RankMemoryLayout of(
      ModelConfiguration model, TrainingConfiguration training, int worldSize) {
    return of(model, training, worldSize, PageSize.configured());
  }

  static RankMemoryLayout of(
      ModelConfiguration model, TrainingConfiguration training, int worldSize, PageSize size) {
    requireTableFits(model, training.activations(), training.parameters());
    BatchForm form = training.form(model);
    BatchShape batch = BatchShape.of(training, form.time(), worldSize);
    TokenBatch fields = TokenBatch.of(form);
    LanguageModel modules = Architecture.of(model, fields);
    float lossScale = (float) (1.0 / batch.tokensPerStep());
    Program pass =
        modules.record(
            Pass.training(batch.microBatch(), batch.context(), lossScale)
                .withRecomputedBlocks(training.recompute())
                .withPrecision(training.precision())
                .withActivations(training.activations())
                .withParameters(training.parameters())
                .withPackedWeights(packsWeights(training, batch)));
    Program evaluation =
        modules.record(
            Pass.evaluation(batch.microBatch(), batch.context())
                .withPrecision(training.precision())
                .withParameters(training.parameters()));
    ShardLayout layout = ShardLayout.of(pass.units(), worldSize);
    UpdateRule rule = UpdateRule.of(training);
    MomentLayout moments = rule.moments(layout, training.zeroStage());
    Value optimizerStep =
        Value.pinned("optimizer step", 1, rule.stepFloats() + rule.scratchFloats(layout));
    Value blockSums = Value.pinned("gradient block sums", blocksPerRank(layout), 2);
    List<Value> pinned = new ArrayList<>(fields.fields());
    pinned.add(optimizerStep);
    pinned.add(blockSums);
    Placement placement = Placement.of(size, pinned, List.of(pass, evaluation));
    PageAllocator parameters = new PageAllocator(size);
    PageAllocator masters = new PageAllocator(size);
    PageAllocator gradients = new PageAllocator(size);
    PageAllocator momentUnits = new PageAllocator(size);
    PageAllocator stack = new PageAllocator(size);
    return new RankMemoryLayout(
        model,
        layout,
        batch,
        training.parameters(),
        rule,
        moments,
        UnitPlacement.units(parameters, layout, training.parameters()),
        masters(training.parameters(), masters, layout, moments.sharded()),
        UnitPlacement.units(gradients, layout),
        Stream.generate(() -> moments.place(momentUnits))
            .limit(moments.set().names().size())
            .toList(),
        Stream.generate(() -> UnitPlacement.units(stack, layout))
            .limit(GradientStack.levels(batch.shardsPerRank()))
            .toList(),
        Map.of(
            MemoryRole.PARAMETERS, parameters.plan(),
            MemoryRole.MASTER_WEIGHTS, masters.plan(),
            MemoryRole.GRADIENTS, gradients.plan(),
            MemoryRole.MOMENTS, momentUnits.plan(),
            MemoryRole.ACTIVATIONS, placement.pages(),
            MemoryRole.GRADIENT_STACK, stack.plan()),
        fields,
        pass,
        evaluation,
        modules.constants(),
        placement,
        optimizerStep,
        blockSums);
  }

  /** Where several passes of a step read them. */
  private static boolean packsWeights(TrainingConfiguration training, BatchShape batch) {
    return training.packedWeights()
        && training.precision() == Precision.BF16
        && training.parameters() == ParameterFormat.FP32
        && batch.passesPerStep() > 1;
  }

  /** What is rounded for the passes is updated in fp32: whole units, or a shard of each. */
  private static Optional<UnitPlacement> masters(
      ParameterFormat format, PageAllocator allocator, ShardLayout layout, boolean sharded) {
    return switch (format) {
      case FP32 -> Optional.empty();
      case BF16 ->
          Optional.of(
              sharded
                  ? UnitPlacement.shards(allocator, layout)
                  : UnitPlacement.units(allocator, layout));
    };
  }

  /** A pass, recorded up to five times, has four commands for each token of a recurrent layer. */
  private static void requireTableFits(
      ModelConfiguration model, ActivationFormat activations, ParameterFormat parameters) {
    int conversions =
        (activations == ActivationFormat.FP32 ? 0 : CONVERSIONS)
            + (parameters == ParameterFormat.FP32 ? 0 : PARAMETER_CONVERSIONS);
    int most = RECURRENT_STEPS / model.layers() - OTHER_COMMANDS - conversions;
    if (model.recurrent() && model.context() > most) {
      throw new ComputeException(
          "The tokens of recurrent layers are more steps than the device's command table holds; take"
              + " fewer layers or a shorter context: cell="
              + model.cell()
              + ", layers="
              + model.layers()
              + ", context="
              + model.context()
              + ", most for these layers="
              + Math.max(0, most));
    }
  }

  /** Blocks of all of one rank's shards. */
  static int blocksPerRank(ShardLayout layout) {
    return Math.toIntExact(layout.length() / layout.worldSize() / ShardLayout.BLOCK);
  }

  /** Makes command buffers of the programs over allocated arenas. */
  ProgramRecorder recorder(RankMemory memory) {
    return new ProgramRecorder(
        memory.device(),
        layout,
        memory.parameters(),
        memory.gradients(),
        placement,
        memory.activations());
  }
}
