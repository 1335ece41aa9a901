package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;

/** Softmax of the rows of a matrix. */
public final class Softmax {
  private Softmax() {}

  /** y = softmax(x), row by row; y may be x. */
  public static void forward(
      CommandRecorder recorder, int rows, int columns, MatMul.Matrix x, MatMul.Matrix y) {
    Operands operands =
        new Operands("Softmax.forward").positive("rows", rows).positive("columns", columns);
    check(operands, "x", x, rows, columns);
    check(operands, "y", y, rows, columns);
    checkInPlace(operands, "x", x, "y", y);
    recorder.add(
        Command.of(Opcode.SOFTMAX_FORWARD, Operands.tiles(rows, Tiles.rows(recorder, columns)))
            .read(x.span(), rows, columns, x.stride())
            .write(y.span(), rows, columns, y.stride())
            .integer(columns)
            .integer(x.stride())
            .integer(y.stride())
            .integer(rows)
            .integer(Tiles.rows(recorder, columns)));
  }

  /** dx from the softmax y and its gradient dy; dx may be y or dy. */
  public static void backward(
      CommandRecorder recorder,
      int rows,
      int columns,
      MatMul.Matrix y,
      MatMul.Matrix dy,
      MatMul.Matrix dx) {
    Operands operands =
        new Operands("Softmax.backward").positive("rows", rows).positive("columns", columns);
    check(operands, "y", y, rows, columns);
    check(operands, "dy", dy, rows, columns);
    check(operands, "dx", dx, rows, columns);
    checkInPlace(operands, "y", y, "dx", dx);
    checkInPlace(operands, "dy", dy, "dx", dx);
    recorder.add(
        Command.of(Opcode.SOFTMAX_BACKWARD, Operands.tiles(rows, Tiles.rows(recorder, columns)))
            .read(y.span(), rows, columns, y.stride())
            .read(dy.span(), rows, columns, dy.stride())
            .write(dx.span(), rows, columns, dx.stride())
            .integer(columns)
            .integer(y.stride())
            .integer(dy.stride())
            .integer(dx.stride())
            .integer(rows)
            .integer(Tiles.rows(recorder, columns)));
  }

  private static void check(
      Operands operands, String name, MatMul.Matrix matrix, int rows, int columns) {
    operands
        .atLeast(name + ".stride", matrix.stride(), columns)
        .holds(name, matrix.span(), (rows - 1L) * matrix.stride() + columns);
  }

  private static void checkInPlace(
      Operands operands, String name, MatMul.Matrix in, String outName, MatMul.Matrix out) {
    operands.sameOrDisjoint(name, in.span(), outName, out.span());
    if (in.span().arena() == out.span().arena() && in.span().offset() == out.span().offset()) {
      operands.require(
          in.stride() == out.stride(),
          "must equal " + name + ".stride, " + in.stride() + ", in place",
          outName + ".stride",
          out.stride());
    }
  }
}
