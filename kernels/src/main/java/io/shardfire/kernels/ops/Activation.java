package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Activation functions, element by element, and their gradients. */
public final class Activation {
  private Activation() {}

  /** Which function. */
  public enum Function {
    /** x Φ(x), by the error function (Hendrycks and Gimpel, 2016). */
    GELU(0),
    /** The approximation of {@link #GELU} by tanh that GPT-2 uses. */
    GELU_TANH(1),
    /** max(x, 0); its gradient at 0 is 0. */
    RELU(2),
    /** x sigmoid(x) (Elfwing et al., 2018), also called swish. */
    SILU(3),
    /** tanh(x). */
    TANH(4);

    /** {@code ACTIVATION_*} in the kernels. */
    private final int code;

    Function(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** y = f(x); y may be x. */
  public static void forward(CommandRecorder recorder, Function function, Span x, Span y) {
    record(recorder, new Operands("Activation.forward"), function, x, null, y);
  }

  /** dx = dy * f'(x); dx may be x or dy. */
  public static void backward(
      CommandRecorder recorder, Function function, Span x, Span dy, Span dx) {
    Operands operands =
        new Operands("Activation.backward")
            .holds("x", x, 0)
            .exactly("dy", dy, x.length())
            .sameOrDisjoint("dy", dy, "dx", dx);
    record(recorder, operands, function, x, dy, dx);
  }

  private static void record(
      CommandRecorder recorder, Operands operands, Function function, Span x, Span dy, Span out) {
    String name = dy == null ? "y" : "dx";
    operands
        .holds("x", x, 0)
        .positive("length", x.length())
        .exactly(name, out, x.length())
        .sameOrDisjoint("x", x, name, out);
    recorder.add(
        Command.of(
                Opcode.ACTIVATION,
                Operands.tiles(x.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .read(x)
            .readIfPresent(dy)
            .write(out)
            .integer(x.length())
            .integer(function.code()));
  }
}
