package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AdamW;
import java.util.List;

/** AdamW: two moments. */
record AdamWRule(TrainingConfiguration training) implements ElementwiseRule {
  @Override
  public List<String> names() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public int stepFloats() {
    return AdamW.STEP_FLOATS;
  }

  @Override
  public void writeStep(
      long step, double learningRate, float gradientScale, float[] array, int offset) {
    array[offset] = (float) learningRate;
    array[offset + 1] = (float) (1 - StrictMath.pow(training.beta1(), (double) step));
    array[offset + 2] = (float) (1 - StrictMath.pow(training.beta2(), (double) step));
    array[offset + 3] = gradientScale;
  }

  @Override
  public void record(
      CommandRecorder recorder,
      float weightDecay,
      Span parameters,
      Span gradients,
      List<Span> moments,
      Span step) {
    AdamW.record(
        recorder,
        new AdamW.Group(training.beta1(), training.beta2(), training.epsilon(), weightDecay),
        parameters,
        gradients,
        moments.get(0),
        moments.get(1),
        step);
  }
}
