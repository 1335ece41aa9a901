package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Lion;
import java.util.List;

/** Lion: one moment. */
record LionRule(TrainingConfiguration training) implements ElementwiseRule {
  @Override
  public List<String> names() {
    return List.of("exp_avg");
  }

  @Override
  public int stepFloats() {
    return Lion.STEP_FLOATS;
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
    Lion.Group group = new Lion.Group(training.beta1(), training.beta2(), weightDecay);
    Lion.record(recorder, group, parameters, gradients, moments.get(0), step);
  }
}
