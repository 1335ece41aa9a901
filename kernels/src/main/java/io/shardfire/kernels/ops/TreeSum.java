package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;
import java.util.List;

/**
 * Sum of k buffers in a fixed tree: k is split at the largest power of two below it, and the sums
 * of both parts are added.
 */
public final class TreeSum {
  private TreeSum() {}

  /** Most buffers that are given one by one: what fits into a command. */
  public static final int MAX_SPANS = 11;

  /** Most buffers that lie a stride apart. */
  public static final int MAX_BUFFERS = 65_535;

  /** out = sum of the buffers, all of one length; out may be one of them. */
  public static void ofSpans(CommandRecorder recorder, List<Span> buffers, Span out) {
    int count = buffers.size();
    Operands operands =
        new Operands("TreeSum.ofSpans")
            .require(
                count >= 1 && count <= MAX_SPANS,
                "must be from 1 to " + MAX_SPANS,
                "buffers",
                count)
            .holds("out", out, 1);
    Command command = command(recorder, out, count, 0);
    for (int k = 0; k < count; k++) {
      operands
          .exactly("buffer" + k, buffers.get(k), out.length())
          .sameOrDisjoint("buffer" + k, buffers.get(k), "out", out);
      command.read(buffers.get(k));
    }
    recorder.add(command);
  }

  /**
   * out = sum of {@code count} buffers of out's length that begin {@code stride} floats apart; out
   * may be the first.
   */
  public static void ofStrided(
      CommandRecorder recorder, Span buffers, int count, int stride, Span out) {
    Operands operands =
        new Operands("TreeSum.ofStrided")
            .require(
                count >= 1 && count <= MAX_BUFFERS,
                "must be from 1 to " + MAX_BUFFERS,
                "count",
                count)
            .holds("out", out, 1);
    int length = out.length();
    operands
        .atLeast("stride", stride, length)
        .holds("buffers", buffers, (count - 1L) * stride + length)
        .sameOrDisjoint("buffers", buffers, "out", out);
    recorder.add(command(recorder, out, count, stride).read(buffers, count, length, stride));
  }

  private static Command command(CommandRecorder recorder, Span out, int count, int stride) {
    return Command.of(
            Opcode.TREE_SUM,
            Operands.tiles(out.length(), recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
        .write(out)
        .integer(out.length())
        .integer(count)
        .integer(stride);
  }
}
