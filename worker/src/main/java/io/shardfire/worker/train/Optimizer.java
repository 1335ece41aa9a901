package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.sharding.layout.UnitRange;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW over this rank's part of the parameters: all of them at stage 0; at stage 1 its shards,
 * each of which is then gathered from all ranks.
 */
final class Optimizer {
  private final TrainingConfiguration training;
  private final List<CommandBuffer> updates;
  private final ParameterGather gather;
  private final Span scalars;

  private Optimizer(
      TrainingConfiguration training,
      List<CommandBuffer> updates,
      ParameterGather gather,
      Span scalars) {
    this.training = training;
    this.updates = updates;
    this.gather = gather;
    this.scalars = scalars;
  }

  static Optimizer record(
      TrainingConfiguration training,
      int rank,
      RankMemoryLayout memoryLayout,
      RankMemory memory,
      ParameterGather gather) {
    int units = memoryLayout.layout().units().size();
    Recording recording = new Recording(training, memoryLayout, memory, rank);
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
    Span scalars = memoryLayout.recorder(memory).span(memoryLayout.adamStep());
    return new Optimizer(training, List.copyOf(updates), gather, scalars);
  }

  /**
   * Updates the parameters from summed gradients; at stage 1 their gathers are then under way.
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
      gather.start(step, i);
    }
  }

  private record Recording(
      TrainingConfiguration training, RankMemoryLayout memoryLayout, RankMemory memory, int rank) {
    /** Updates what this rank updates of a unit; the unit's leading weights decay. */
    void update(CommandRecorder recorder, int unit) {
      UnitRange range = memoryLayout.moments().updated(unit, rank);
      int decayEnd = memoryLayout.layout().decayed(unit).end();
      int decayed = Math.min(Math.max(decayEnd - range.offset(), 0), range.length());
      group(recorder, range, 0, decayed, training.weightDecay());
      group(recorder, range, decayed, range.length() - decayed, 0);
    }

    private void group(
        CommandRecorder recorder, UnitRange updated, int from, int length, float weightDecay) {
      if (length == 0) {
        return;
      }
      AdamW.record(
          recorder,
          new AdamW.Group(training.beta1(), training.beta2(), training.epsilon(), weightDecay),
          memory.parameters().of(updated).slice(from, length),
          memory.gradients().of(updated).slice(from, length),
          memory.firstMoment().unit(updated.unit()).slice(from, length),
          memory.secondMoment().unit(updated.unit()).slice(from, length),
          memoryLayout.recorder(memory).span(memoryLayout.adamStep()));
    }
  }
}
