package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/** Sums over rows in a fixed order: the gradient of a bias. */
public final class ColumnSum {
  private ColumnSum() {}

  /** out[columns] (added to when {@code accumulate}) = sum over rows of x[rows, stride]. */
  public static void record(
      CommandRecorder recorder,
      int rows,
      int columns,
      Span x,
      int stride,
      Span out,
      boolean accumulate) {
    new Operands("ColumnSum")
        .positive("rows", rows)
        .positive("columns", columns)
        .atLeast("stride", stride, columns)
        .holds("x", x, (rows - 1L) * stride + columns)
        .holds("out", out, columns)
        .disjoint("x", x, "out", out.slice(0, columns));
    Span sums = out.slice(0, columns);
    int tileColumns = Tiles.columns(recorder, columns);
    recorder.add(
        Command.of(Opcode.COLUMN_SUM, Operands.tiles(columns, tileColumns))
            .read(x, rows, columns, stride)
            .write(sums)
            .integer(rows)
            .integer(columns)
            .integer(stride)
            .flag(accumulate)
            .integer(tileColumns));
  }
}
