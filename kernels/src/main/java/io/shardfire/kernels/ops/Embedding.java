package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Token and learned-position embedding. Ids are whole numbers stored as floats (exact below 2^24).
 */
public final class Embedding {
  private Embedding() {}

  /** out[r] = tokens[ids[r]] + positions[r mod time]; positions may be null. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span ids,
      Span tokens,
      Span positions,
      Span out) {
    Operands operands = new Operands("Embedding.forward").positive("time", time);
    forward(recorder, operands, rows, width, ids, tokens, positions, out, null, time);
  }

  /**
   * out[r] = tokens[ids[r]] + positions[starts[r / time] + r mod time]. A row whose position is not
   * in the table becomes NaN.
   *
   * @param starts position of the first row of each sequence, read at run time
   */
  public static void forwardAt(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span ids,
      Span starts,
      Span tokens,
      Span positions,
      Span out) {
    Operands operands =
        new Operands("Embedding.forwardAt")
            .positive("time", time)
            .holds("starts", starts, Operands.tiles(rows, time))
            .holds("positions", positions, width);
    forward(recorder, operands, rows, width, ids, tokens, positions, out, starts, time);
  }

  /**
   * dtokens[ids[r]] += dx[r] in row order (always added); dpositions added to when {@code
   * accumulatePositions}.
   */
  public static void backward(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span ids,
      Span dx,
      Span dtokens,
      Span dpositions,
      boolean accumulatePositions) {
    Operands operands =
        new Operands("Embedding.backward")
            .positive("rows", rows)
            .positive("time", time)
            .positive("width", width)
            .holds("ids", ids, rows)
            .holds("dx", dx, (long) rows * width)
            .holds("dtokens", dtokens, width)
            .disjoint("dtokens", dtokens, "dx", dx)
            .disjoint("dtokens", dtokens, "dpositions", dpositions)
            .disjoint("dpositions", dpositions, "dx", dx);
    Span upstream = dx.slice(0, rows * width);
    // Classes of ids: a power of two, at least two for every thread.
    int classes = Integer.highestOneBit(4 * recorder.computeUnits() - 1);
    recorder.add(
        Command.of(Opcode.EMBEDDING_BACKWARD_TOKENS, classes)
            .touching(3L * upstream.length())
            .read(ids.slice(0, rows))
            .read(upstream)
            .write(dtokens)
            .integer(rows)
            .integer(width)
            .integer(dtokens.length() / width)
            .integer(classes));
    if (dpositions != null) {
      operands.holds("dpositions", dpositions, (long) Math.min(rows, time) * width);
      int count = dpositions.length() / width;
      recorder.add(
          Command.of(Opcode.EMBEDDING_BACKWARD_POSITIONS, count)
              .read(upstream)
              .write(dpositions.slice(0, count * width))
              .integer(rows)
              .integer(width)
              .integer(time)
              .integer(count)
              .flag(accumulatePositions));
    }
  }

  private static void forward(
      CommandRecorder recorder,
      Operands operands,
      int rows,
      int width,
      Span ids,
      Span tokens,
      Span positions,
      Span out,
      Span starts,
      int period) {
    long floats = (long) rows * width;
    operands
        .positive("rows", rows)
        .positive("width", width)
        .holds("ids", ids, rows)
        .holds("tokens", tokens, width)
        .holds("out", out, floats)
        .disjoint("out", out, "ids", ids)
        .disjoint("out", out, "tokens", tokens)
        .disjoint("out", out, "positions", positions)
        .disjoint("out", out, "starts", starts);
    if (positions != null && starts == null) {
      operands.holds("positions", positions, (long) Math.min(rows, period) * width);
    }
    recorder.add(
        Command.of(
                Opcode.EMBEDDING_FORWARD,
                Operands.tiles(rows, recorder.tuned(Tunable.EMBEDDING_ROWS)))
            .touching((positions == null ? 2 : 3) * floats)
            .read(ids.slice(0, rows))
            .read(tokens)
            .readIfPresent(positions)
            .write(out.slice(0, (int) floats))
            .readIfPresent(starts)
            .integer(rows)
            .integer(width)
            .integer(period)
            .integer(tokens.length() / width)
            .integer(positions == null ? 0 : positions.length() / width));
  }
}
