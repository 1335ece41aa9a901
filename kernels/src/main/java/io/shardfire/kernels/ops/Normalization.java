package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** The checks and commands that {@link LayerNorm} and {@link RmsNorm} have in common. */
enum Normalization {
  LAYER(
      "LayerNorm",
      2,
      Opcode.LAYER_NORM_FORWARD,
      Opcode.LAYER_NORM_BACKWARD_INPUT,
      Opcode.LAYER_NORM_BACKWARD_PARAMETERS),
  RMS(
      "RmsNorm",
      1,
      Opcode.RMS_NORM_FORWARD,
      Opcode.RMS_NORM_BACKWARD_INPUT,
      Opcode.RMS_NORM_BACKWARD_WEIGHT);

  private final String operation;
  private final int statsPerRow;
  private final Opcode forward;
  private final Opcode backwardInput;
  private final Opcode backwardParameters;

  Normalization(
      String operation,
      int statsPerRow,
      Opcode forward,
      Opcode backwardInput,
      Opcode backwardParameters) {
    this.operation = operation;
    this.statsPerRow = statsPerRow;
    this.forward = forward;
    this.backwardInput = backwardInput;
    this.backwardParameters = backwardParameters;
  }

  /** Operands of a forward pass; the bias is null for {@link #RMS}. */
  record Forward(
      int rows, int width, float epsilon, Span x, Span weight, Span bias, Span y, Span stats) {
    int floats() {
      return rows * width;
    }
  }

  /** Operands of a backward pass; dbias is null for {@link #RMS}. */
  record Backward(
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
    int floats() {
      return rows * width;
    }
  }

  /** y = norm(x). */
  void forward(CommandRecorder recorder, Forward call) {
    check(new Operands(operation + ".forward"), call);
    record(recorder, call, null, null);
  }

  /** sum = x + residual, y = norm(sum). */
  void forwardResidual(CommandRecorder recorder, Forward call, Span residual, Span sum) {
    long floats = (long) call.rows * call.width;
    Operands operands =
        new Operands(operation + ".forwardResidual")
            .holds("residual", residual, floats)
            .holds("sum", sum, floats)
            .sameOrDisjoint("x", call.x, "sum", sum)
            .sameOrDisjoint("residual", residual, "sum", sum)
            .disjoint("y", call.y, "sum", sum)
            .sameOrDisjoint("residual", residual, "y", call.y)
            .disjoint("stats", call.stats, "sum", sum)
            .disjoint("stats", call.stats, "residual", residual);
    check(operands, call);
    record(recorder, call, residual, sum);
  }

  private void check(Operands operands, Forward call) {
    long floats = (long) call.rows * call.width;
    operands
        .positive("rows", call.rows)
        .positive("width", call.width)
        .holds("x", call.x, floats)
        .holds("weight", call.weight, call.width)
        .holds("y", call.y, floats)
        .holds("stats", call.stats, (long) statsPerRow * call.rows)
        .sameOrDisjoint("x", call.x, "y", call.y)
        .disjoint("weight", call.weight, "y", call.y)
        .disjoint("stats", call.stats, "x", call.x)
        .disjoint("stats", call.stats, "y", call.y);
    if (this == LAYER) {
      operands.holds("bias", call.bias, call.width).disjoint("bias", call.bias, "y", call.y);
    }
  }

  private void record(CommandRecorder recorder, Forward call, Span residual, Span sum) {
    int floats = call.floats();
    Command command =
        Command.of(forward, Operands.tiles(call.rows, recorder.tuned(Tunable.NORM_ROWS)))
            .read(call.x.slice(0, floats))
            .read(call.weight.slice(0, call.width))
            .readIfPresent(first(call.bias, call.width))
            .write(call.y.slice(0, floats))
            .write(call.stats.slice(0, statsPerRow * call.rows));
    if (residual == null) {
      command.absent().absent();
    } else {
      command.read(residual.slice(0, floats)).write(sum.slice(0, floats));
    }
    recorder.add(command.integer(call.rows).integer(call.width).real(call.epsilon));
  }

  /** The gradients of the parameters, then that of x. */
  void backward(CommandRecorder recorder, Backward call) {
    check(new Operands(operation + ".backward"), call);
    Span inputs = call.x.slice(0, call.floats());
    Span statistics = call.stats.slice(0, statsPerRow * call.rows);
    Span upstream = call.dy.slice(0, call.floats());
    // First, because dx may overwrite dy.
    int tileColumns = Tiles.columns(recorder, call.width);
    Command parameters =
        Command.of(backwardParameters, Operands.tiles(call.width, tileColumns))
            .read(inputs)
            .read(statistics)
            .read(upstream)
            .write(call.dweight.slice(0, call.width));
    if (call.dbias == null) {
      parameters.absent();
    } else {
      parameters.write(call.dbias.slice(0, call.width));
    }
    recorder.add(
        parameters
            .integer(call.rows)
            .integer(call.width)
            .flag(call.accumulateParameters)
            .integer(tileColumns));
    recorder.add(
        Command.of(backwardInput, Operands.tiles(call.rows, recorder.tuned(Tunable.NORM_ROWS)))
            .read(inputs)
            .read(call.weight.slice(0, call.width))
            .read(statistics)
            .read(upstream)
            .write(call.dx.slice(0, call.floats()))
            .integer(call.rows)
            .integer(call.width)
            .flag(call.accumulateInput));
  }

  private void check(Operands operands, Backward call) {
    long floats = (long) call.rows * call.width;
    operands
        .positive("rows", call.rows)
        .positive("width", call.width)
        .holds("x", call.x, floats)
        .holds("weight", call.weight, call.width)
        .holds("stats", call.stats, (long) statsPerRow * call.rows)
        .holds("dy", call.dy, floats)
        .holds("dx", call.dx, floats)
        .disjoint("x", call.x, "dx", call.dx)
        .disjoint("weight", call.weight, "dx", call.dx)
        .disjoint("stats", call.stats, "dx", call.dx)
        .sameOrDisjoint("dy", call.dy, "dx", call.dx);
    checkGradient(operands, call, "dweight", call.dweight);
    if (this == LAYER) {
      checkGradient(operands, call, "dbias", call.dbias);
      operands.disjoint("dweight", call.dweight, "dbias", call.dbias);
    }
  }

  private static void checkGradient(Operands operands, Backward call, String name, Span gradient) {
    operands
        .holds(name, gradient, call.width)
        .disjoint("x", call.x, name, gradient)
        .disjoint(name, gradient, "dy", call.dy)
        .disjoint(name, gradient, "dx", call.dx);
  }

  private static Span first(Span span, int floats) {
    return span == null ? null : span.slice(0, floats);
  }
}
