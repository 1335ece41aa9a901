package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Sgd;
import java.util.List;

/** Stochastic gradient descent: one moment, the velocity, or none where the momentum is 0. */
record SgdRule(TrainingConfiguration training) implements ElementwiseRule {
  @Override
  public List<String> names() {
    return training.momentum() == 0 ? List.of() : List.of("momentum_buffer");
  }

  @Override
  public int stepFloats() {
    return Sgd.STEP_FLOATS;
  }

  @Override
  public void writeStep(
      long step, double learningRate, float gradientScale, float[] array, int offset) {
    array[offset] = (float) learningRate;
    array[offset + 1] = gradientScale;
  }

  @Override
  public void record(
      CommandRecorder recorder,
      float weightDecay,
      Span parameters,
      Span gradients,
      List<Span> moments,
      Span step) {
    Sgd.Group group = new Sgd.Group(training.momentum(), weightDecay, training.nesterov());
    Span velocity = moments.isEmpty() ? null : moments.get(0);
    Sgd.record(recorder, group, parameters, gradients, velocity, step);
  }
}
