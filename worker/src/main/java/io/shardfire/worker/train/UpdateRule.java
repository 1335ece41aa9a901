package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.ShardLayout;

/** How an optimizer updates parameters, and what it keeps for that from step to step. */
sealed interface UpdateRule permits ElementwiseRule, AdafactorRule {
  /** The rule that a configuration asks for. */
  static UpdateRule of(TrainingConfiguration training) {
    return switch (training.optimizer()) {
      case ADAMW -> new AdamWRule(training);
      case LION -> new LionRule(training);
      case SGD -> new SgdRule(training);
      case ADAFACTOR -> new AdafactorRule(training);
    };
  }

  /**
   * What the optimizer keeps, and how much of it each rank.
   *
   * @param layout of the parameters
   */
  MomentLayout moments(ShardLayout layout, int zeroStage);

  /** Floats that the host writes before each step. */
  int stepFloats();

  /** Floats of work space, which hold nothing between steps. */
  int scratchFloats(ShardLayout layout);

  /**
   * Writes what changes from step to step.
   *
   * @param step from 1, of those that update
   * @param gradientScale what gradients are multiplied by
   */
  void writeStep(long step, double learningRate, float gradientScale, float[] array, int offset);

  /**
   * Records the update of what a rank updates of a unit.
   *
   * @param step what {@link #writeStep} writes
   * @param scratch null where none is needed
   */
  void record(CommandRecorder recorder, int unit, UpdateOperands operands, Span step, Span scratch);
}
