package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/** Layer normalisation over the last dimension (Ba et al., 2016). */
public final class LayerNorm {
  private LayerNorm() {}

  /** y = (x-mean)*rstd*weight+bias for rows rows of width; saves stats[rows,2] = mean, rstd. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int width,
      float epsilon,
      Span x,
      Span weight,
      Span bias,
      Span y,
      Span stats) {
    forward(
        recorder,
        new Operands("LayerNorm.forward"),
        rows,
        width,
        epsilon,
        x,
        null,
        weight,
        bias,
        null,
        y,
        stats);
  }

  /**
   * sum = x + residual and y = norm(sum), in one pass; sum may be x or residual. The gradient of
   * both addends is that of the sum: {@link #backward} with the sum as x, accumulating where the
   * sum also goes elsewhere.
   */
  public static void forwardResidual(
      CommandRecorder recorder,
      int rows,
      int width,
      float epsilon,
      Span x,
      Span residual,
      Span weight,
      Span bias,
      Span sum,
      Span y,
      Span stats) {
    long floats = (long) rows * width;
    Operands operands =
        new Operands("LayerNorm.forwardResidual")
            .holds("residual", residual, floats)
            .holds("sum", sum, floats)
            .sameOrDisjoint("x", x, "sum", sum)
            .sameOrDisjoint("residual", residual, "sum", sum)
            .disjoint("y", y, "sum", sum)
            .sameOrDisjoint("residual", residual, "y", y)
            .disjoint("stats", stats, "sum", sum)
            .disjoint("stats", stats, "residual", residual);
    forward(recorder, operands, rows, width, epsilon, x, residual, weight, bias, sum, y, stats);
  }

  private static void forward(
      CommandRecorder recorder,
      Operands operands,
      int rows,
      int width,
      float epsilon,
      Span x,
      Span residual,
      Span weight,
      Span bias,
      Span sum,
      Span y,
      Span stats) {
    long floats = (long) rows * width;
    operands
        .positive("rows", rows)
        .positive("width", width)
        .holds("x", x, floats)
        .holds("weight", weight, width)
        .holds("bias", bias, width)
        .holds("y", y, floats)
        .holds("stats", stats, 2L * rows)
        .sameOrDisjoint("x", x, "y", y)
        .disjoint("stats", stats, "x", x)
        .disjoint("stats", stats, "y", y);
    Command command =
        Command.of(Opcode.LAYER_NORM_FORWARD, Operands.tiles(rows, Tiles.LAYER_NORM_ROWS))
            .read(x.slice(0, (int) floats))
            .read(weight.slice(0, width))
            .read(bias.slice(0, width))
            .write(y.slice(0, (int) floats))
            .write(stats.slice(0, 2 * rows));
    if (residual == null) {
      command.absent().absent();
    } else {
      command.read(residual.slice(0, (int) floats)).write(sum.slice(0, (int) floats));
    }
    recorder.add(command.integer(rows).integer(width).real(epsilon));
  }

  /**
   * dx (added to when {@code accumulateInput}), dweight and dbias (added to when {@code
   * accumulateParameters}).
   */
  public static void backward(
      CommandRecorder recorder,
      int rows,
      int width,
      Span x,
      Span weight,
      Span stats,
      Span dy,
      Span dx,
      boolean accumulateInput,
      Span dweight,
      Span dbias,
      boolean accumulateParameters) {
    long floats = (long) rows * width;
    new Operands("LayerNorm.backward")
        .positive("rows", rows)
        .positive("width", width)
        .holds("x", x, floats)
        .holds("weight", weight, width)
        .holds("stats", stats, 2L * rows)
        .holds("dy", dy, floats)
        .holds("dx", dx, floats)
        .holds("dweight", dweight, width)
        .holds("dbias", dbias, width)
        .disjoint("x", x, "dx", dx)
        .sameOrDisjoint("dy", dy, "dx", dx)
        .disjoint("dweight", dweight, "dbias", dbias)
        .disjoint("dweight", dweight, "dy", dy)
        .disjoint("dbias", dbias, "dy", dy);
    Span inputs = x.slice(0, (int) floats);
    Span statistics = stats.slice(0, 2 * rows);
    Span upstream = dy.slice(0, (int) floats);
    // First, because dx may overwrite dy.
    recorder.add(
        Command.of(
                Opcode.LAYER_NORM_BACKWARD_PARAMETERS,
                Operands.tiles(width, recorder.panelColumns()))
            .read(inputs)
            .read(statistics)
            .read(upstream)
            .write(dweight.slice(0, width))
            .write(dbias.slice(0, width))
            .integer(rows)
            .integer(width)
            .flag(accumulateParameters));
    recorder.add(
        Command.of(Opcode.LAYER_NORM_BACKWARD_INPUT, Operands.tiles(rows, Tiles.LAYER_NORM_ROWS))
            .read(inputs)
            .read(weight.slice(0, width))
            .read(statistics)
            .read(upstream)
            .write(dx.slice(0, (int) floats))
            .integer(rows)
            .integer(width)
            .flag(accumulateInput));
  }
}
