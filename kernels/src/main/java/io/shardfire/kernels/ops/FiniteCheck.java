package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Finds infinities and NaNs: how many there are, and the first. */
public final class FiniteCheck {
  private FiniteCheck() {}

  /** Floats of the outcome. */
  public static final int RESULT_FLOATS = 4;

  private static final int LOW_HALF = 1 << 16;

  /**
   * What was found.
   *
   * @param count elements that are not finite
   * @param firstIndex index of the first of them, or -1
   */
  public record Result(int count, int firstIndex) {}

  /** Floats of scratch space a check of {@code length} floats needs on any device. */
  public static int scratchFloats(int length) {
    return Math.toIntExact(2 * Operands.tiles(length, Tunable.ELEMENTS_PER_TILE.minimum()));
  }

  /** Checks x and writes the outcome for {@link #read}. */
  public static void record(CommandRecorder recorder, Span x, Span scratch, Span result) {
    Operands operands = new Operands("FiniteCheck").holds("x", x, 0);
    operands
        .positive("length", x.length())
        .holds("scratch", scratch, scratchFloats(x.length()))
        .holds("result", result, RESULT_FLOATS)
        .disjoint("x", x, "scratch", scratch)
        .disjoint("x", x, "result", result)
        .disjoint("scratch", scratch, "result", result);
    int tiles =
        Math.toIntExact(Operands.tiles(x.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)));
    Span parts = scratch.slice(0, 2 * tiles);
    recorder.add(Command.of(Opcode.FINITE_CHECK, tiles).read(x).write(parts).integer(x.length()));
    recorder.add(
        Command.of(Opcode.FINITE_CHECK_TOTAL, 1)
            .read(parts)
            .write(result.slice(0, RESULT_FLOATS))
            .integer(tiles));
  }

  /** The outcome of the last run; call between runs. */
  public static Result read(Span result) {
    new Operands("FiniteCheck.read").holds("result", result, RESULT_FLOATS);
    result.download();
    return new Result(whole(result, 0), result.get(2) < 0 ? -1 : whole(result, 2));
  }

  private static int whole(Span result, int index) {
    float[] array = result.arena().array();
    int at = result.offset() + index;
    int high = (int) array[at];
    int low = (int) array[at + 1];
    return high * LOW_HALF + low;
  }
}
