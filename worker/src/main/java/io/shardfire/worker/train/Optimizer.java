package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW over this rank's part of the parameters: all of them at stage 0; at stage 1 its shards,
 * each of which is gathered from all ranks while the next unit is updated.
 */
final class Optimizer {
  private final TrainingConfiguration training;
  private final Communicator communicator;
  private final boolean gathers;
  private final List<CommandBuffer> updates;
  private final FloatRange[] units;
  private final FloatRange[] shards;
  private final Pending[] pending;
  private final float[] scalars;
  private final int scalarsOffset;

  private Optimizer(
      TrainingConfiguration training,
      Communicator communicator,
      RankMemoryLayout memoryLayout,
      RankMemory memory,
      List<CommandBuffer> updates) {
    ShardLayout layout = memoryLayout.layout();
    float[] parameters = memory.parameters().array();
    this.training = training;
    this.communicator = communicator;
    this.gathers = sharded(training, communicator);
    this.updates = updates;
    this.units = UnitRanges.units(layout, parameters);
    this.shards = UnitRanges.shards(layout, communicator.rank(), parameters);
    this.pending = new Pending[units.length];
    this.scalars = memory.activations().array();
    this.scalarsOffset = memoryLayout.adamStep().offset();
  }

  static Optimizer record(
      TrainingConfiguration training,
      Communicator communicator,
      RankMemoryLayout memoryLayout,
      RankMemory memory) {
    ShardLayout layout = memoryLayout.layout();
    Recording recording = new Recording(training, memoryLayout, memory);
    List<CommandBuffer> updates = new ArrayList<>();
    if (sharded(training, communicator)) {
      for (int unit = 0; unit < layout.units().size(); unit++) {
        CommandRecorder recorder = memory.device().record("update of unit " + unit);
        recording.update(
            recorder, layout.shard(unit, communicator.rank()), layout.decayed(unit).end());
        updates.add(recorder.finish());
      }
    } else {
      CommandRecorder recorder = memory.device().record("update");
      for (int unit = 0; unit < layout.units().size(); unit++) {
        recording.update(recorder, layout.unit(unit), layout.decayed(unit).end());
      }
      updates.add(recorder.finish());
    }
    return new Optimizer(training, communicator, memoryLayout, memory, List.copyOf(updates));
  }

  private static boolean sharded(TrainingConfiguration training, Communicator communicator) {
    return training.zeroStage() == 1 && communicator.worldSize() > 1;
  }

  /**
   * Updates the parameters from summed gradients.
   *
   * @param step this step's number, from 1
   * @param gradientScale what gradients are multiplied by
   */
  void update(long step, double learningRate, float gradientScale) {
    scalars[scalarsOffset] = (float) learningRate;
    scalars[scalarsOffset + 1] = (float) (1 - StrictMath.pow(training.beta1(), (double) step));
    scalars[scalarsOffset + 2] = (float) (1 - StrictMath.pow(training.beta2(), (double) step));
    scalars[scalarsOffset + 3] = gradientScale;
    for (int i = 0; i < updates.size(); i++) {
      updates.get(i).run();
      if (gathers) {
        CollectiveKey key = new CollectiveKey(step, Phase.PARAMETER_GATHER, i);
        pending[i] = communicator.allGather(key, shards[i], units[i]);
      }
    }
    UnitRanges.await(pending);
  }

  private record Recording(
      TrainingConfiguration training, RankMemoryLayout memoryLayout, RankMemory memory) {
    /** Updates a range; weights before {@code decayEnd} decay. */
    void update(CommandRecorder recorder, FlatRange range, int decayEnd) {
      int split = Math.min(Math.max(decayEnd, range.offset()), range.end());
      group(recorder, range.offset(), split, training.weightDecay());
      group(recorder, split, range.end(), 0);
    }

    private void group(CommandRecorder recorder, int from, int to, float weightDecay) {
      if (from == to) {
        return;
      }
      Arena scalars = memory.activations();
      AdamW.record(
          recorder,
          new AdamW.Group(training.beta1(), training.beta2(), training.epsilon(), weightDecay),
          memory.parameters().span(from, to - from),
          memory.gradients().span(from, to - from),
          memory.firstMoment().span(from, to - from),
          memory.secondMoment().span(from, to - from),
          memoryLayout.adamStep().in(scalars));
    }
  }
}
