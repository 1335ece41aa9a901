package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** AdamW (Loshchilov and Hutter, 2019) with bias correction. */
public final class AdamW {
  private AdamW() {}

  /** Constants of a parameter group. */
  public record Group(float beta1, float beta2, float epsilon, float weightDecay) {}

  /**
   * Floats of the per-step scalars: learning rate, 1-beta1^t, 1-beta2^t, gradient scale (for
   * clipping).
   */
  public static final int STEP_FLOATS = 4;

  /**
   * Updates parameters and both moments; gradients are read and multiplied by the gradient scale.
   * All spans have one length.
   */
  public static void record(
      CommandRecorder recorder,
      Group group,
      Span parameters,
      Span gradients,
      Span firstMoment,
      Span secondMoment,
      Span step) {
    int length = parameters.length();
    new Operands("AdamW")
        .positive("length", length)
        .exactly("gradients", gradients, length)
        .exactly("firstMoment", firstMoment, length)
        .exactly("secondMoment", secondMoment, length)
        .holds("step", step, STEP_FLOATS)
        .disjoint("parameters", parameters, "gradients", gradients)
        .disjoint("parameters", parameters, "firstMoment", firstMoment)
        .disjoint("parameters", parameters, "secondMoment", secondMoment)
        .disjoint("firstMoment", firstMoment, "secondMoment", secondMoment)
        .disjoint("gradients", gradients, "firstMoment", firstMoment)
        .disjoint("gradients", gradients, "secondMoment", secondMoment)
        .disjoint("parameters", parameters, "step", step);
    recorder.add(
        Command.of(Opcode.ADAMW, Operands.tiles(length, recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .write(parameters)
            .read(gradients)
            .write(firstMoment)
            .write(secondMoment)
            .read(step.slice(0, STEP_FLOATS))
            .integer(length)
            .real(group.beta1())
            .real(group.beta2())
            .real(group.epsilon())
            .real(group.weightDecay()));
  }
}
