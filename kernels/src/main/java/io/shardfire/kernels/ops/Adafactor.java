package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Adafactor (Shazeer and Stern, 2018) without momentum: the second moment of a matrix [rows,
 * columns] is kept as rows + columns floats. A vector is a matrix of one row.
 */
public final class Adafactor {
  private Adafactor() {}

  /** Floats of the per-step scalars: learning rate, decay of the moments, gradient scale. */
  public static final int STEP_FLOATS = 3;

  private static final int TOTALS = 3;
  private static final float NO_PARAMETER_SCALE = -1f;

  /**
   * Constants of a parameter group.
   *
   * @param epsilon1 added to squared gradients; the paper's 1e-30
   * @param epsilon2 smallest parameter scale; the paper's 1e-3
   * @param clipThreshold largest root mean square of an update; the paper's 1
   * @param weightDecay decoupled decay per unit of learning rate
   * @param scaleByParameter whether the learning rate is relative to the parameters' root mean
   *     square
   */
  public record Group(
      float epsilon1,
      float epsilon2,
      float clipThreshold,
      float weightDecay,
      boolean scaleByParameter) {
    /** Checks the clip threshold. */
    public Group {
      new Operands("Adafactor.Group")
          .require(clipThreshold > 0f, "must be positive", "clipThreshold", clipThreshold)
          .require(epsilon2 >= 0f, "must not be negative", "epsilon2", epsilon2);
    }
  }

  /** A parameter matrix and its moments, rowMoment[rows] and columnMoment[columns]. */
  public record State(
      int rows, int columns, Span parameters, Span gradients, Span rowMoment, Span columnMoment) {}

  /** Floats of scratch space a matrix needs. */
  public static int scratchFloats(int rows) {
    return Math.addExact(TOTALS, Math.multiplyExact(2, rows));
  }

  /** Updates parameters and moments; the scratch space holds nothing between steps. */
  public static void record(
      CommandRecorder recorder, Group group, State state, Span step, Span scratch) {
    check(state, step, scratch);
    int rows = state.rows();
    int columns = state.columns();
    int floats = rows * columns;
    Span parameters = state.parameters().slice(0, floats);
    Span gradients = state.gradients().slice(0, floats);
    Span rowMoment = state.rowMoment().slice(0, rows);
    Span columnMoment = state.columnMoment().slice(0, columns);
    Span scalars = step.slice(0, STEP_FLOATS);
    Span totals = scratch.slice(0, TOTALS);
    Span norms = scratch.slice(TOTALS, 2 * rows);
    long rowTiles = Operands.tiles(rows, recorder.tuned(Tunable.ADAFACTOR_ROWS));
    recorder.add(
        Command.of(Opcode.ADAFACTOR_ROWS, rowTiles)
            .read(gradients)
            .write(rowMoment)
            .read(scalars)
            .integer(rows)
            .integer(columns)
            .real(group.epsilon1()));
    recorder.add(
        Command.of(Opcode.ADAFACTOR_COLUMNS, Operands.tiles(columns, recorder.panelColumns()))
            .read(gradients)
            .write(columnMoment)
            .read(scalars)
            .integer(rows)
            .integer(columns)
            .real(group.epsilon1()));
    recorder.add(
        Command.of(Opcode.ADAFACTOR_MEAN, 1)
            .read(rowMoment)
            .write(totals.slice(0, 1))
            .integer(rows));
    recorder.add(
        Command.of(Opcode.ADAFACTOR_NORMS, rowTiles)
            .read(parameters)
            .read(gradients)
            .read(rowMoment)
            .read(columnMoment)
            .read(scalars)
            .read(totals.slice(0, 1))
            .write(norms)
            .integer(rows)
            .integer(columns));
    recorder.add(
        Command.of(Opcode.ADAFACTOR_TOTALS, 1)
            .read(norms)
            .write(totals.slice(1, 2))
            .integer(rows)
            .integer(columns));
    recorder.add(
        Command.of(Opcode.ADAFACTOR_APPLY, rowTiles)
            .write(parameters)
            .read(gradients)
            .read(rowMoment)
            .read(columnMoment)
            .read(scalars)
            .read(totals)
            .integer(rows)
            .integer(columns)
            .real(group.clipThreshold())
            .real(group.weightDecay())
            .real(group.scaleByParameter() ? group.epsilon2() : NO_PARAMETER_SCALE));
  }

  private static void check(State state, Span step, Span scratch) {
    Operands operands =
        new Operands("Adafactor")
            .positive("rows", state.rows())
            .positive("columns", state.columns());
    long floats = (long) state.rows() * state.columns();
    String[] names = {"parameters", "gradients", "rowMoment", "columnMoment", "step", "scratch"};
    Span[] spans = {
      state.parameters(), state.gradients(), state.rowMoment(), state.columnMoment(), step, scratch
    };
    long[] needed = {
      floats, floats, state.rows(), state.columns(), STEP_FLOATS, TOTALS + 2L * state.rows()
    };
    for (int i = 0; i < spans.length; i++) {
      operands.holds(names[i], spans[i], needed[i]);
      for (int j = 0; j < i; j++) {
        operands.disjoint(names[j], spans[j], names[i], spans[i]);
      }
    }
  }
}
