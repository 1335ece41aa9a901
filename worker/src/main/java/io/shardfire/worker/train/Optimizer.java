package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
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
  private final Span[] owned;
  private final List<Span> received;
  private final FloatRange[] units;
  private final FloatRange[] shards;
  private final Pending[] pending;
  private final Span scalars;

  private Optimizer(
      TrainingConfiguration training,
      Communicator communicator,
      RankMemoryLayout memoryLayout,
      RankMemory memory,
      List<CommandBuffer> updates) {
    ShardLayout layout = memoryLayout.layout();
    this.training = training;
    this.communicator = communicator;
    this.gathers = memoryLayout.moments().sharded();
    this.updates = updates;
    Span[] whole = UnitRanges.units(layout, memory.parameters());
    this.owned = UnitRanges.shards(layout, communicator.rank(), memory.parameters());
    this.received = gathers ? others(whole, owned) : List.of();
    this.units = UnitRanges.onHost(whole);
    this.shards = UnitRanges.onHost(owned);
    this.pending = new Pending[units.length];
    this.scalars = memoryLayout.adamStep().in(memory.activations());
  }

  static Optimizer record(
      TrainingConfiguration training,
      Communicator communicator,
      RankMemoryLayout memoryLayout,
      RankMemory memory) {
    int units = memoryLayout.layout().units().size();
    Recording recording = new Recording(training, memoryLayout, memory, communicator.rank());
    List<CommandBuffer> updates = new ArrayList<>();
    if (memoryLayout.moments().sharded()) {
      for (int unit = 0; unit < units; unit++) {
        CommandRecorder recorder = memory.device().record("update of unit " + unit);
        recording.update(recorder, unit);
        updates.add(recorder.finish());
      }
    } else {
      CommandRecorder recorder = memory.device().record("update");
      for (int unit = 0; unit < units; unit++) {
        recording.update(recorder, unit);
      }
      updates.add(recorder.finish());
    }
    return new Optimizer(training, communicator, memoryLayout, memory, List.copyOf(updates));
  }

  /**
   * Updates the parameters from summed gradients.
   *
   * @param step this step's number, from 1
   * @param gradientScale what gradients are multiplied by
   */
  void update(long step, double learningRate, float gradientScale) {
    float[] array = scalars.arena().array();
    int offset = scalars.offset();
    array[offset] = (float) learningRate;
    array[offset + 1] = (float) (1 - StrictMath.pow(training.beta1(), (double) step));
    array[offset + 2] = (float) (1 - StrictMath.pow(training.beta2(), (double) step));
    array[offset + 3] = gradientScale;
    scalars.upload();
    for (int i = 0; i < updates.size(); i++) {
      updates.get(i).run();
      if (gathers) {
        owned[i].download();
        CollectiveKey key = new CollectiveKey(step, Phase.PARAMETER_GATHER, i);
        pending[i] = communicator.allGather(key, shards[i], units[i]);
      }
    }
    UnitRanges.await(pending);
    for (Span span : received) {
      span.upload();
    }
  }

  /** What comes from other ranks: units but for this rank's shards. */
  private static List<Span> others(Span[] units, Span[] owned) {
    List<Span> others = new ArrayList<>();
    for (int unit = 0; unit < units.length; unit++) {
      int before = owned[unit].offset() - units[unit].offset();
      int after = before + owned[unit].length();
      others.add(units[unit].slice(0, before));
      others.add(units[unit].slice(after, units[unit].length() - after));
    }
    return List.copyOf(others);
  }

  private record Recording(
      TrainingConfiguration training, RankMemoryLayout memoryLayout, RankMemory memory, int rank) {
    /** Updates what this rank updates of a unit; the unit's leading weights decay. */
    void update(CommandRecorder recorder, int unit) {
      FlatRange range = memoryLayout.moments().updated(unit, rank);
      int moments = memoryLayout.moments().start(unit);
      int decayEnd = memoryLayout.layout().decayed(unit).end();
      int decayed = Math.min(Math.max(decayEnd - range.offset(), 0), range.length());
      group(recorder, range.offset(), moments, decayed, training.weightDecay());
      group(recorder, range.offset() + decayed, moments + decayed, range.length() - decayed, 0);
    }

    private void group(
        CommandRecorder recorder, int from, int moments, int length, float weightDecay) {
      if (length == 0) {
        return;
      }
      AdamW.record(
          recorder,
          new AdamW.Group(training.beta1(), training.beta2(), training.epsilon(), weightDecay),
          memory.parameters().span(from, length),
          memory.gradients().span(from, length),
          memory.firstMoment().span(moments, length),
          memory.secondMoment().span(moments, length),
          memoryLayout.adamStep().in(memory.activations()));
    }
  }
}
