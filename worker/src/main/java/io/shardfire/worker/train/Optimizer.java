package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * The update of what this rank updates: all parameters, or where moments are sharded its shards,
 * each of which is then gathered from all ranks.
 */
final class Optimizer {
  private final UpdateRule rule;
  private final List<CommandBuffer> updates;
  private final ParameterGather gather;
  private final Span step;

  private Optimizer(
      UpdateRule rule, List<CommandBuffer> updates, ParameterGather gather, Span step) {
    this.rule = rule;
    this.updates = updates;
    this.gather = gather;
    this.step = step;
  }

  static Optimizer record(
      int rank,
      RankMemoryLayout memoryLayout,
      RankMemory memory,
      MasterWeights masters,
      ParameterGather gather) {
    UpdateRule rule = memoryLayout.rule();
    Span span = memoryLayout.recorder(memory).span(memoryLayout.optimizerStep());
    Span step = span.slice(0, rule.stepFloats());
    int rest = span.length() - step.length();
    Span scratch = rest == 0 ? null : span.slice(step.length(), rest);
    UpdateOperands operands =
        new UpdateOperands(
            rank, memoryLayout.layout(), memoryLayout.moments(), masters.updated(), memory);
    int units = memoryLayout.layout().units().size();
    List<CommandBuffer> updates = new ArrayList<>();
    if (memoryLayout.moments().sharded()) {
      for (int unit = 0; unit < units; unit++) {
        CommandRecorder recorder = memory.device().record("update of unit " + unit);
        rule.record(recorder, unit, operands, step, scratch);
        masters.recordRounding(recorder, unit);
        updates.add(recorder.finish());
      }
    } else {
      CommandRecorder recorder = memory.device().record("update");
      for (int unit = 0; unit < units; unit++) {
        rule.record(recorder, unit, operands, step, scratch);
        masters.recordRounding(recorder, unit);
      }
      updates.add(recorder.finish());
    }
    return new Optimizer(rule, List.copyOf(updates), gather, step);
  }

  /**
   * Updates the parameters from summed gradients; where moments are sharded, the gathers are then
   * under way.
   *
   * @param number this step's, from 1
   * @param update its number among those that were not skipped, from 1
   * @param gradientScale what gradients are multiplied by
   */
  void update(long number, long update, double learningRate, float gradientScale) {
    rule.writeStep(update, learningRate, gradientScale, step.arena().array(), step.offset());
    step.upload();
    for (int i = 0; i < updates.size(); i++) {
      updates.get(i).run();
      gather.start(number, i);
    }
  }
}
