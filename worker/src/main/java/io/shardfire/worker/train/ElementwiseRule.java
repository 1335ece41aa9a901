package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.checkpoint.MomentSet;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import java.util.List;

/**
 * An optimizer that updates each parameter by itself, with one float for it in every moment: a rank
 * can update any range, so at stage 1 it updates its shards and keeps the moments of those only.
 */
non-sealed interface ElementwiseRule extends UpdateRule {
  /** The moments, under the names that PyTorch gives them. */
  List<String> names();

  /** Records the update of a range whose spans all have one length. */
  void record(
      CommandRecorder recorder,
      float weightDecay,
      Span parameters,
      Span gradients,
      List<Span> moments,
      Span step);

  /** The settings of the optimizer. */
  TrainingConfiguration training();

  @Override
  default MomentLayout moments(ShardLayout layout, int zeroStage) {
    return new MomentLayout(
        new MomentSet(layout, names()), zeroStage == 1 && layout.worldSize() > 1);
  }

  @Override
  default int scratchFloats(ShardLayout layout) {
    return 0;
  }

  /** The unit's leading tensors decay, the others do not. */
  @Override
  default void record(
      CommandRecorder recorder, int unit, UpdateOperands operands, Span step, Span scratch) {
    UnitRange range = operands.moments().kept(unit, operands.rank());
    int decayEnd = operands.layout().decayed(unit).end();
    int decayed = Math.min(Math.max(decayEnd - range.offset(), 0), range.length());
    group(recorder, training().weightDecay(), operands, range, 0, decayed, step);
    group(recorder, 0, operands, range, decayed, range.length() - decayed, step);
  }

  private void group(
      CommandRecorder recorder,
      float weightDecay,
      UpdateOperands operands,
      UnitRange range,
      int from,
      int length,
      Span step) {
    if (length > 0) {
      record(
          recorder,
          weightDecay,
          operands.updated().unit(range.unit()).slice(from, length),
          operands.memory().gradients().of(range).slice(from, length),
          operands.memory().moments().stream()
              .map(moment -> moment.unit(range.unit()).slice(from, length))
              .toList(),
          step);
    }
  }
}
