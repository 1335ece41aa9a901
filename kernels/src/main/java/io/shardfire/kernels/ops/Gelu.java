package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** GELU, tanh form (Hendrycks and Gimpel, 2016). */
public final class Gelu {
  private Gelu() {}

  /** y = gelu(x). */
  public static void forward(CommandRecorder recorder, Span x, Span y) {
    new Operands("Gelu.forward")
        .positive("length", x.length())
        .exactly("y", y, x.length())
        .sameOrDisjoint("x", x, "y", y);
    recorder.add(
        Command.of(
                Opcode.GELU_FORWARD,
                Operands.tiles(x.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .read(x)
            .write(y)
            .integer(x.length()));
  }

  /** dx = dy * gelu'(x); dx may be dy. */
  public static void backward(CommandRecorder recorder, Span x, Span dy, Span dx) {
    new Operands("Gelu.backward")
        .positive("length", x.length())
        .exactly("dy", dy, x.length())
        .exactly("dx", dx, x.length())
        .sameOrDisjoint("x", x, "dx", dx)
        .sameOrDisjoint("dy", dy, "dx", dx);
    recorder.add(
        Command.of(
                Opcode.GELU_BACKWARD,
                Operands.tiles(x.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .read(x)
            .read(dy)
            .write(dx)
            .integer(x.length()));
  }
}
