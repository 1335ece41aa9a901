package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Copy, fill and sum of spans of equal length. */
public final class Elementwise {
  private Elementwise() {}

  /** y = x. */
  public static void copy(CommandRecorder recorder, Span x, Span y) {
    new Operands("Elementwise.copy").exactly("y", y, x.length()).disjoint("x", x, "y", y);
    if (x.length() > 0) {
      recorder.add(
          Command.of(
                  Opcode.COPY,
                  Operands.tiles(x.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
              .read(x)
              .write(y)
              .integer(x.length()));
    }
  }

  /** y = value. */
  public static void fill(CommandRecorder recorder, Span y, float value) {
    if (y.length() > 0) {
      recorder.add(
          Command.of(
                  Opcode.FILL,
                  Operands.tiles(y.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
              .write(y)
              .integer(y.length())
              .real(value));
    }
  }

  /** out = a + b; out may be a or b. */
  public static void add(CommandRecorder recorder, Span a, Span b, Span out) {
    new Operands("Elementwise.add")
        .exactly("b", b, a.length())
        .exactly("out", out, a.length())
        .sameOrDisjoint("a", a, "out", out)
        .sameOrDisjoint("b", b, "out", out);
    if (a.length() > 0) {
      recorder.add(
          Command.of(
                  Opcode.ADD, Operands.tiles(a.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
              .read(a)
              .read(b)
              .write(out)
              .integer(a.length()));
    }
  }
}
