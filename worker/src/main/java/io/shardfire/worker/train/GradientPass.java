package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Stage;
import io.shardfire.worker.random.CounterRandom;
import java.util.List;

/**
 * Forward and backward over this rank's logical shards of a step. When there are other ranks, the
 * first and the last pass are cut into stages: the first begins while later units' parameters are
 * still being gathered, and a unit's gradients travel while the last computes the unit before.
 *
 * <pre>
 * opening   a step's first pass, after parameters have changed; does no more than another first one
 *           where nothing is prepared, and serves as both then
 * first     of every other logical shard, whose gradients it overwrites
 * next      the others of a logical shard, which add to them
 * </pre>
 */
final class GradientPass {
  private static final long DROPOUT_DOMAIN = 0x64726F706F757431L;

  private final RankMemoryLayout layout;
  private final BatchSpans fields;
  private final Span maskKey;
  private final Span lossFactor;
  private final BatchSource source;
  private final GradientReducer reducer;
  private final GradientStack stack;
  private final NonFiniteSearch search;
  private final CommandBuffer opening;
  private final CommandBuffer first;
  private final CommandBuffer next;
  private final ParameterGather gather;
  private final boolean communicates;
  private final List<Stage> stages;
  private final List<CommandBuffer> openingByStage;
  private final List<CommandBuffer> firstByStage;
  private final List<CommandBuffer> nextByStage;
  private final int firstShard;
  private final boolean dropout;
  private final long dropoutKey;
  private final double[] shardLosses;
  private String firstNonFinite;

  GradientPass(
      RankMemoryLayout layout,
      RankMemory memory,
      Communicator communicator,
      TrainingConfiguration training,
      BatchSource source,
      ParameterGather gather,
      NonFiniteSearch search) {
    BatchShape batch = layout.batch();
    ProgramRecorder recorder = layout.recorder(memory);
    this.layout = layout;
    this.fields = BatchSpans.of(layout.fields(), recorder);
    this.maskKey = recorder.span(layout.fields().dropoutKey());
    this.lossFactor = training.scalesLoss() ? recorder.span(layout.fields().lossFactor()) : null;
    this.source = source;
    this.search = search;
    this.reducer =
        new GradientReducer(
            communicator,
            layout.layout(),
            memory.gradients(),
            layout.moments().sharded(),
            training.gradientExchange());
    this.stack =
        GradientStack.record(
            memory.device(), batch.shardsPerRank(), memory.gradients(), memory.levels());
    this.gather = gather;
    this.communicates = communicator.worldSize() > 1;
    boolean accumulates = batch.accumulation() > 1;
    boolean hasWhole = !communicates || batch.passesPerStep() > 2;
    boolean hasFirst = batch.shardsPerRank() > 1;
    Program program = layout.training();
    Program later = program.withSameParameters();
    List<Operation> all = later.operations();
    this.stages = program.stages();
    this.opening =
        communicates ? null : recorder.record("opening pass", program.operations(), false);
    boolean prepares = program.preparedFloats() > 0;
    boolean hasOtherFirst = hasWhole && (communicates || prepares);
    this.first = hasFirst && hasOtherFirst ? recorder.record("first pass", all, false) : opening;
    this.next = accumulates && hasWhole ? recorder.record("accumulating pass", all, true) : null;
    this.openingByStage = communicates ? recorder.stages(program, false) : null;
    this.firstByStage =
        communicates && hasFirst && !accumulates && prepares
            ? recorder.stages(later, false)
            : openingByStage;
    this.nextByStage = communicates && accumulates ? recorder.stages(later, true) : null;
    this.firstShard = batch.firstShard(communicator.rank());
    this.dropout = layout.model().dropout() > 0;
    this.dropoutKey = CounterRandom.mix(training.seed(), DROPOUT_DOMAIN);
    this.shardLosses = new double[batch.shardsPerRank()];
  }

  /**
   * Leaves the gradient of the mean loss over the global batch, times the loss scale and summed
   * over all ranks, in the gradients: whole, or this rank's shards where moments are sharded.
   */
  void run(long step, LossScale lossScale) {
    BatchShape batch = layout.batch();
    int lastShard = batch.shardsPerRank() - 1;
    int lastPass = batch.accumulation() - 1;
    firstNonFinite = null;
    if (lossFactor != null) {
      lossFactor.set(0, lossScale.scale());
      lossFactor.upload();
    }
    for (int shard = 0; shard <= lastShard; shard++) {
      shardLosses[shard] = 0;
      for (int pass = 0; pass <= lastPass; pass++) {
        load(step, shard, pass);
        boolean isFirst = shard == 0 && pass == 0;
        boolean isLast = shard == lastShard && pass == lastPass;
        if (communicates && (isFirst || isLast)) {
          runByStage(
              step, isFirst ? openingByStage : pass == 0 ? firstByStage : nextByStage, isLast);
        } else {
          runWhole(isFirst ? opening : pass == 0 ? first : next, isLast);
        }
        addLosses(shard, lossScale.isSmallest());
      }
      if (shard < lastShard) {
        stack.push(shard);
      }
    }
    reducer.await();
  }

  private void load(long step, int shard, int pass) {
    int logicalShard = firstShard + shard;
    source.load(step - 1, logicalShard, pass, fields);
    fields.upload();
    if (dropout) {
      long key = CounterRandom.mix(CounterRandom.mix(dropoutKey, step), logicalShard);
      Dropout.writeKey(maskKey, CounterRandom.mix(key, pass));
    }
  }

  private void runWhole(CommandBuffer pass, boolean isLast) {
    pass.run();
    for (int unit = layout.layout().units().size() - 1; isLast && unit >= 0; unit--) {
      stack.finish(unit);
    }
  }

  private void runByStage(long step, List<CommandBuffer> buffers, boolean isLast) {
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      for (int k = 0; k < stage.reads().size(); k++) {
        gather.await(stage.reads().get(k));
      }
      buffers.get(i).run();
      for (int k = 0; isLast && k < stage.finishes().size(); k++) {
        stack.finish(stage.finishes().get(k));
        reducer.start(step, stage.finishes().get(k));
      }
    }
  }

  private void addLosses(int shard, boolean searches) {
    double sum = fields.sumOfLosses();
    shardLosses[shard] += sum;
    if (searches && !Double.isFinite(sum) && firstNonFinite == null) {
      firstNonFinite = search.inPass();
    }
  }

  /** Sum of row losses of each local logical shard in the last run. */
  double[] shardLosses() {
    return shardLosses;
  }

  /**
   * The first tensor that was not finite when a pass of the last run had a loss that is not finite
   * at the smallest loss scale, or null.
   */
  String firstNonFinite() {
    return firstNonFinite;
  }
}
