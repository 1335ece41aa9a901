package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Gated linear units (Shazeer, 2020): SwiGLU with {@link Activation.Function#SILU}, GeGLU with
 * {@link Activation.Function#GELU}, ReGLU with {@link Activation.Function#RELU}. A row of the input
 * holds the gate, then the value, width floats each.
 */
public final class Gated {
  private Gated() {}

  /** y[rows, width] = f(gate) * value, of x[rows, 2*width]. */
  public static void forward(
      CommandRecorder recorder, Activation.Function function, int rows, int width, Span x, Span y) {
    long floats = (long) rows * width;
    new Operands("Gated.forward")
        .positive("rows", rows)
        .positive("width", width)
        .holds("x", x, 2 * floats)
        .holds("y", y, floats)
        .disjoint("x", x, "y", y);
    recorder.add(
        Command.of(Opcode.GATED, Operands.tiles(rows, recorder.tuned(Tunable.GATED_ROWS)))
            .read(x.slice(0, (int) (2 * floats)))
            .absent()
            .write(y.slice(0, (int) floats))
            .integer(rows)
            .integer(width)
            .integer(function.code()));
  }

  /** dx[rows, 2*width], the gradients of gate and value, from dy[rows, width]; dx may be x. */
  public static void backward(
      CommandRecorder recorder,
      Activation.Function function,
      int rows,
      int width,
      Span x,
      Span dy,
      Span dx) {
    long floats = (long) rows * width;
    new Operands("Gated.backward")
        .positive("rows", rows)
        .positive("width", width)
        .holds("x", x, 2 * floats)
        .holds("dy", dy, floats)
        .holds("dx", dx, 2 * floats)
        .sameOrDisjoint("x", x, "dx", dx)
        .disjoint("dy", dy, "dx", dx);
    recorder.add(
        Command.of(Opcode.GATED, Operands.tiles(rows, recorder.tuned(Tunable.GATED_ROWS)))
            .read(x.slice(0, (int) (2 * floats)))
            .read(dy.slice(0, (int) floats))
            .write(dx.slice(0, (int) (2 * floats)))
            .integer(rows)
            .integer(width)
            .integer(function.code()));
  }
}
