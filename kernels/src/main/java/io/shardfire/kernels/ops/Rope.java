package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Rotary position embedding (Su et al., 2021): pairs of a head's dims turn by their position times
 * a frequency, so that a product of queries and keys depends on their distance. Queries and keys of
 * a packed projection turn in one call, as twice as many heads.
 */
public final class Rope {
  private Rope() {}

  /** Which dims of a head form a pair. */
  public enum Pairing {
    /** Dim i with dim i + rotaryDims/2: GPT-NeoX, Llama. */
    HALVES,
    /** Dim 2i with dim 2i + 1: RoFormer, GPT-J. */
    NEIGHBOURS
  }

  /**
   * Sizes: row r is at position starts[r / time] + r mod time; a row has heads heads of headSize
   * floats, of which the first rotaryDims turn.
   */
  public record Shape(
      int rows, int time, int heads, int headSize, int rotaryDims, Pairing pairing) {
    /** Checks the sizes. */
    public Shape {
      new Operands("Rope.Shape")
          .positive("rows", rows)
          .positive("time", time)
          .positive("heads", heads)
          .positive("headSize", headSize)
          .require(
              rotaryDims >= 2 && rotaryDims % 2 == 0 && rotaryDims <= headSize,
              "must be even, from 2 to headSize, " + headSize,
              "rotaryDims",
              rotaryDims);
    }

    int width() {
      return Math.multiplyExact(heads, headSize);
    }
  }

  /**
   * Fills a table [positions, rotaryDims] with the cosines and sines of p base^(-2i/rotaryDims);
   * call between runs. The usual base is 10000.
   */
  public static void writeTable(Span table, int rotaryDims, double base) {
    new Operands("Rope.writeTable")
        .require(rotaryDims >= 2 && rotaryDims % 2 == 0, "must be even", "rotaryDims", rotaryDims)
        .require(base > 0 && base < Double.POSITIVE_INFINITY, "must be positive", "base", base)
        .holds("table", table, rotaryDims);
    float[] array = table.arena().array();
    int pairs = rotaryDims / 2;
    for (int i = 0; i < pairs; i++) {
      double frequency = StrictMath.pow(base, -2.0 * i / rotaryDims);
      for (int position = 0; position < table.length() / rotaryDims; position++) {
        int cosine = table.offset() + position * rotaryDims + i;
        array[cosine] = (float) StrictMath.cos(position * frequency);
        array[cosine + pairs] = (float) StrictMath.sin(position * frequency);
      }
    }
    table.upload();
  }

  /**
   * y = x turned. The table comes from {@link #writeTable}; starts, one per sequence of time rows,
   * are read at run time, null is 0; y may be x. A row whose position is not in the table becomes
   * NaN.
   */
  public static void forward(
      CommandRecorder recorder,
      Shape shape,
      MatMul.Matrix x,
      Span table,
      Span starts,
      MatMul.Matrix y) {
    record(recorder, "Rope.forward", shape, x, table, starts, y, 1f);
  }

  /** dx = dy turned back; dx may be dy. */
  public static void backward(
      CommandRecorder recorder,
      Shape shape,
      MatMul.Matrix dy,
      Span table,
      Span starts,
      MatMul.Matrix dx) {
    record(recorder, "Rope.backward", shape, dy, table, starts, dx, -1f);
  }

  private static void record(
      CommandRecorder recorder,
      String name,
      Shape shape,
      MatMul.Matrix x,
      Span table,
      Span starts,
      MatMul.Matrix y,
      float sign) {
    int rows = shape.rows();
    int width = shape.width();
    Operands operands =
        new Operands(name)
            .atLeast("in.stride", x.stride(), width)
            .atLeast("out.stride", y.stride(), width)
            .holds("in", x.span(), (rows - 1L) * x.stride() + width)
            .holds("out", y.span(), (rows - 1L) * y.stride() + width)
            .holds("table", table, shape.rotaryDims())
            .sameOrDisjoint("in", x.span(), "out", y.span())
            .disjoint("table", table, "out", y.span())
            .disjoint("starts", starts, "out", y.span());
    if (x.span().arena() == y.span().arena() && x.span().offset() == y.span().offset()) {
      operands.require(
          x.stride() == y.stride(),
          "must equal in.stride, " + x.stride() + ", in place",
          "out.stride",
          y.stride());
    }
    int sequences = (int) Operands.tiles(rows, shape.time());
    if (starts != null) {
      operands.holds("starts", starts, sequences);
    }
    int positions = table.length() / shape.rotaryDims();
    recorder.add(
        Command.of(Opcode.ROPE, Operands.tiles(rows, recorder.tuned(Tunable.ROPE_ROWS)))
            .read(x.span(), rows, width, x.stride())
            .read(table.slice(0, positions * shape.rotaryDims()))
            .readIfPresent(starts == null ? null : starts.slice(0, sequences))
            .write(y.span(), rows, width, y.stride())
            .integer(rows)
            .integer(shape.time())
            .integer(shape.heads())
            .integer(shape.headSize())
            .integer(shape.rotaryDims())
            .flag(shape.pairing() == Pairing.NEIGHBOURS)
            .integer(x.stride())
            .integer(y.stride())
            .real(sign)
            .integer(positions));
  }
}
