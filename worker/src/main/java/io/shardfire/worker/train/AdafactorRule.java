package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Adafactor;
import io.shardfire.sharding.checkpoint.MomentSet;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.List;
import java.util.stream.Stream;

/**
 * Adafactor (Shazeer and Stern, 2018) without momentum, with the paper's constants. A tensor is a
 * matrix of its last dim, a vector one of one row.
 *
 * <p>The means along rows and columns need whole matrices, which shards cut anywhere. So every rank
 * keeps all of the state, at both stages: a float for each row and column is less than the shards
 * of a moment are, and summing whole gradients at stage 1 sends the bytes that gathering the
 * parameters would.
 *
 * <pre>
 * unit h.0 of the state   | weight.exp_avg_sq_row [R] | weight.exp_avg_sq_col [C] | bias... |
 * </pre>
 */
record AdafactorRule(TrainingConfiguration training) implements UpdateRule {
  private static final float EPSILON_1 = 1e-30f;
  private static final float EPSILON_2 = 1e-3f;
  private static final float CLIP_THRESHOLD = 1;
  private static final double DECAY_EXPONENT = -0.8;

  @Override
  public MomentLayout moments(ShardLayout layout, int zeroStage) {
    List<UnitSpec> units =
        layout.units().stream()
            .map(
                unit ->
                    new UnitSpec(
                        unit.name(),
                        unit.tensors().stream()
                            .flatMap(tensor -> Stream.of(rowMoment(tensor), columnMoment(tensor)))
                            .toList()))
            .toList();
    ShardLayout state = ShardLayout.of(units, layout.worldSize());
    return new MomentLayout(new MomentSet(state, List.of("exp_avg_sq_factors")), false);
  }

  private static TensorSpec rowMoment(TensorSpec tensor) {
    return new TensorSpec(tensor.name() + ".exp_avg_sq_row", List.of(rows(tensor)), false);
  }

  private static TensorSpec columnMoment(TensorSpec tensor) {
    return new TensorSpec(tensor.name() + ".exp_avg_sq_col", List.of(columns(tensor)), false);
  }

  private static int rows(TensorSpec tensor) {
    return Math.toIntExact(tensor.elements() / columns(tensor));
  }

  private static int columns(TensorSpec tensor) {
    return tensor.shape().get(tensor.shape().size() - 1);
  }

  @Override
  public int stepFloats() {
    return Adafactor.STEP_FLOATS;
  }

  @Override
  public int scratchFloats(ShardLayout layout) {
    return layout.units().stream().mapToInt(AdafactorRule::scratchFloats).sum();
  }

  private static int scratchFloats(UnitSpec unit) {
    return unit.tensors().stream()
        .mapToInt(tensor -> Adafactor.scratchFloats(rows(tensor)))
        .reduce(0, Math::addExact);
  }

  @Override
  public void writeStep(
      long step, double learningRate, float gradientScale, float[] array, int offset) {
    array[offset] = (float) learningRate;
    array[offset + 1] = (float) (1 - StrictMath.pow((double) step, DECAY_EXPONENT));
    array[offset + 2] = gradientScale;
  }

  @Override
  public void record(
      CommandRecorder recorder, int unit, UpdateOperands operands, Span step, Span scratch) {
    List<UnitSpec> units = operands.layout().units();
    int at = units.subList(0, unit).stream().mapToInt(AdafactorRule::scratchFloats).sum();
    for (TensorSpec tensor : units.get(unit).tensors()) {
      int floats = Adafactor.scratchFloats(rows(tensor));
      UnitRange range = operands.layout().tensor(tensor.name());
      Adafactor.record(
          recorder,
          group(tensor),
          new Adafactor.State(
              rows(tensor),
              columns(tensor),
              operands.updated().of(range),
              operands.memory().gradients().of(range),
              moment(operands, rowMoment(tensor)),
              moment(operands, columnMoment(tensor))),
          step,
          scratch.slice(at, floats));
      at += floats;
    }
  }

  private Adafactor.Group group(TensorSpec tensor) {
    float weightDecay = tensor.decayed() ? training.weightDecay() : 0;
    return new Adafactor.Group(
        EPSILON_1, EPSILON_2, CLIP_THRESHOLD, weightDecay, training.relativeStep());
  }

  private static Span moment(UpdateOperands operands, TensorSpec tensor) {
    UnitRange range = operands.moments().layout().tensor(tensor.name());
    return operands.memory().moments().get(0).of(range);
  }
}
