package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Lion (Chen et al., 2023): the sign of an interpolated momentum. */
public final class Lion {
  private Lion() {}

  /** Floats of the per-step scalars: learning rate, gradient scale (for clipping). */
  public static final int STEP_FLOATS = 2;

  /** Constants of a parameter group; weight decay is decoupled. */
  public record Group(float beta1, float beta2, float weightDecay) {}

  /** Updates parameters and momentum; all spans but the step's have one length. */
  public static void record(
      CommandRecorder recorder,
      Group group,
      Span parameters,
      Span gradients,
      Span momentum,
      Span step) {
    Operands operands = new Operands("Lion").holds("parameters", parameters, 0);
    int length = parameters.length();
    operands
        .positive("length", length)
        .exactly("gradients", gradients, length)
        .exactly("momentum", momentum, length)
        .holds("step", step, STEP_FLOATS)
        .disjoint("parameters", parameters, "gradients", gradients)
        .disjoint("parameters", parameters, "momentum", momentum)
        .disjoint("gradients", gradients, "momentum", momentum)
        .disjoint("parameters", parameters, "step", step)
        .disjoint("momentum", momentum, "step", step);
    recorder.add(
        Command.of(Opcode.LION, Operands.tiles(length, recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .write(parameters)
            .read(gradients)
            .write(momentum)
            .read(step.slice(0, STEP_FLOATS))
            .integer(length)
            .real(group.beta1())
            .real(group.beta2())
            .real(group.weightDecay()));
  }
}
