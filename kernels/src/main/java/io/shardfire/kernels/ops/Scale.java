package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Multiplication by a number. */
public final class Scale {
  private Scale() {}

  /** y = x * constant; y may be x. */
  public static void byConstant(CommandRecorder recorder, Span x, float constant, Span y) {
    record(recorder, new Operands("Scale.byConstant"), x, null, constant, y);
  }

  /** y = x * factor[0], read at run time; y may be x. */
  public static void byFactor(CommandRecorder recorder, Span x, Span factor, Span y) {
    Operands operands =
        new Operands("Scale.byFactor")
            .holds("factor", factor, 1)
            .disjoint("factor", factor, "y", y);
    record(recorder, operands, x, factor.slice(0, 1), 1f, y);
  }

  private static void record(
      CommandRecorder recorder, Operands operands, Span x, Span factor, float constant, Span y) {
    operands
        .holds("x", x, 0)
        .positive("length", x.length())
        .exactly("y", y, x.length())
        .sameOrDisjoint("x", x, "y", y);
    recorder.add(
        Command.of(
                Opcode.SCALE, Operands.tiles(x.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .read(x)
            .readIfPresent(factor)
            .write(y)
            .integer(x.length())
            .real(constant));
  }
}
