package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Stochastic gradient descent with momentum (Sutskever et al., 2013). */
public final class Sgd {
  private Sgd() {}

  /** Floats of the per-step scalars: learning rate, gradient scale (for clipping). */
  public static final int STEP_FLOATS = 2;

  /**
   * Constants of a parameter group; weight decay is added to the gradient.
   *
   * @param nesterov looks ahead along the momentum
   */
  public record Group(float momentum, float weightDecay, boolean nesterov) {}

  /**
   * Updates parameters and velocity, which all have one length; the velocity is null where the
   * momentum is 0.
   */
  public static void record(
      CommandRecorder recorder,
      Group group,
      Span parameters,
      Span gradients,
      Span velocity,
      Span step) {
    Operands operands = new Operands("Sgd").holds("parameters", parameters, 0);
    int length = parameters.length();
    operands
        .positive("length", length)
        .exactly("gradients", gradients, length)
        .holds("step", step, STEP_FLOATS)
        .disjoint("parameters", parameters, "gradients", gradients)
        .disjoint("parameters", parameters, "velocity", velocity)
        .disjoint("gradients", gradients, "velocity", velocity)
        .disjoint("parameters", parameters, "step", step)
        .disjoint("velocity", velocity, "step", step)
        .require(
            (velocity == null) == (group.momentum() == 0f),
            "must be 0 without a velocity and not 0 with one",
            "momentum",
            group.momentum());
    Command command =
        Command.of(Opcode.SGD, Operands.tiles(length, recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .write(parameters)
            .read(gradients);
    if (velocity == null) {
      command.absent();
    } else {
      operands.exactly("velocity", velocity, length);
      command.write(velocity);
    }
    recorder.add(
        command
            .read(step.slice(0, STEP_FLOATS))
            .integer(length)
            .real(group.momentum())
            .real(group.weightDecay())
            .flag(group.nesterov()));
  }
}
