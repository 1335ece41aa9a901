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
    Table table = Table.of(tokens, width);
    forward(recorder, operands, rows, width, ids, table, positions, out, null, time);
  }

  /** The same of tokens' vectors that are read as they are stored, widened if in bf16. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int time,
      Span ids,
      StoredMatrix tokens,
      Span positions,
      Span out) {
    Operands operands = new Operands("Embedding.forward").positive("time", time);
    Table table = new Table(tokens.whole(), tokens.rows(), tokens.halved());
    forward(recorder, operands, rows, tokens.columns(), ids, table, positions, out, null, time);
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
    Table table = Table.of(tokens, width);
    forward(recorder, operands, rows, width, ids, table, positions, out, starts, time);
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

  /** Vectors of {@code count} tokens; {@code halved} in bf16. */
  private record Table(Span span, int count, boolean halved) {
    /** In fp32; what is wrong with it is found later. */
    static Table of(Span span, int width) {
      return new Table(span, span == null || width < 1 ? 0 : span.length() / width, false);
    }
  }

  private static void forward(
      CommandRecorder recorder,
      Operands operands,
      int rows,
      int width,
      Span ids,
      Table tokens,
      Span positions,
      Span out,
      Span starts,
      int period) {
    long floats = (long) rows * width;
    operands
        .positive("rows", rows)
        .positive("width", width)
        .holds("ids", ids, rows)
        .holds("tokens", tokens.span(), StoredMatrix.floats(1, width, tokens.halved()))
        .holds("out", out, floats)
        .disjoint("out", out, "ids", ids)
        .disjoint("out", out, "tokens", tokens.span())
        .disjoint("out", out, "positions", positions)
        .disjoint("out", out, "starts", starts);
    if (positions != null && starts == null) {
      operands.holds("positions", positions, (long) Math.min(rows, period) * width);
    }
    recorder.add(
        Command.of(
                Opcode.EMBEDDING_FORWARD,
                Operands.tiles(rows, recorder.tuned(Tunable.EMBEDDING_ROWS)))
            .touching(
                StoredMatrix.floats(rows, width, tokens.halved())
                    + (positions == null ? 1 : 2) * floats)
            .read(ids.slice(0, rows))
            .read(tokens.span())
            .readIfPresent(positions)
            .write(out.slice(0, (int) floats))
            .readIfPresent(starts)
            .integer(rows)
            .integer(width)
            .integer(period)
            .integer(tokens.count())
            .integer(positions == null ? 0 : positions.length() / width)
            .flag(tokens.halved()));
  }
}
