package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Addition of a table of positions [positions, width], learned or sinusoidal. */
public final class Positions {
  private Positions() {}

  /**
   * Fills a table with the sines and cosines of Vaswani et al. (2017): table[p, 2i] = sin(p
   * base^(-2i/width)), table[p, 2i+1] = cos(…); call between runs. The usual base is 10000.
   */
  public static void writeSinusoids(Span table, int width, double base) {
    new Operands("Positions.writeSinusoids")
        .positive("width", width)
        .require(base > 0 && base < Double.POSITIVE_INFINITY, "must be positive", "base", base)
        .holds("table", table, width);
    float[] array = table.arena().array();
    for (int i = 0; i < width; i++) {
      double frequency = StrictMath.pow(base, -(i - i % 2) / (double) width);
      for (int position = 0; position < table.length() / width; position++) {
        double angle = position * frequency;
        array[table.offset() + position * width + i] =
            (float) (i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
      }
    }
    table.upload();
  }

  /**
   * y[r] = x[r] + table[starts[r / time] + r mod time]; starts are read at run time, null is 0; y
   * may be x. A row whose position is not in the table becomes NaN.
   */
  public static void add(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span x,
      Span table,
      Span starts,
      Span y) {
    long floats = (long) rows * width;
    Operands operands =
        new Operands("Positions.add")
            .positive("rows", rows)
            .positive("time", time)
            .positive("width", width)
            .holds("x", x, floats)
            .holds("table", table, width)
            .holds("y", y, floats)
            .sameOrDisjoint("x", x, "y", y)
            .disjoint("table", table, "y", y)
            .disjoint("starts", starts, "y", y);
    int sequences = (int) Operands.tiles(rows, time);
    if (starts != null) {
      operands.holds("starts", starts, sequences);
    }
    int positions = table.length() / width;
    recorder.add(
        Command.of(
                Opcode.POSITION_ADD, Operands.tiles(rows, recorder.tuned(Tunable.EMBEDDING_ROWS)))
            .read(x.slice(0, (int) floats))
            .read(table.slice(0, positions * width))
            .readIfPresent(starts == null ? null : starts.slice(0, sequences))
            .write(y.slice(0, (int) floats))
            .integer(rows)
            .integer(width)
            .integer(time)
            .integer(positions));
  }

  /**
   * dtable[p] = sum over r with r mod time = p of dy[r], in row order; added to when {@code
   * accumulate}. The gradient of x is dy itself.
   */
  public static void backward(
      CommandRecorder recorder,
      int rows,
      int time,
      int width,
      Span dy,
      Span dtable,
      boolean accumulate) {
    new Operands("Positions.backward")
        .positive("rows", rows)
        .positive("time", time)
        .positive("width", width)
        .holds("dy", dy, (long) rows * width)
        .holds("dtable", dtable, (long) Math.min(rows, time) * width)
        .disjoint("dy", dy, "dtable", dtable);
    int positions = dtable.length() / width;
    recorder.add(
        Command.of(Opcode.EMBEDDING_BACKWARD_POSITIONS, positions)
            .read(dy.slice(0, rows * width))
            .write(dtable.slice(0, positions * width))
            .integer(rows)
            .integer(width)
            .integer(time)
            .integer(positions)
            .flag(accumulate));
  }
}
