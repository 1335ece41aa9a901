package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * What is done with weights in few bits. A product of a few rows reads them from memory once, as a
 * stream. It rounds its rows, too, to whole numbers of 16 bits, with a scale for each 32 of them,
 * so that the sums over 32 products are exact; these are added in fp32. Many rows are better served
 * by a matrix of floats, a part of it at a time: {@link #dequantize}.
 */
public final class QuantizedMatVec {
  private QuantizedMatVec() {}

  /**
   * Records y[m,n] = x[m,k] Wᵀ + residual + bias, n and k being the outputs and inputs of W, as two
   * commands. A row of y has the same bits whatever m is. y shares floats with no other operand. A
   * number of x is off by half of 1/32767 of the largest beside it at most; where one is not
   * finite, the whole row of y is NaN.
   *
   * @param bias [n]; or null
   * @param residual [m,n]; or null
   * @param rounded {@link WeightFormat#roundedFloats} floats for x
   */
  public static void record(
      CommandRecorder recorder,
      int m,
      MatMul.Matrix x,
      QuantizedMatrix w,
      Span bias,
      MatMul.Matrix residual,
      MatMul.Matrix y,
      Span rounded) {
    String operation = "QuantizedMatVec." + w.format();
    int n = w.outputs();
    int k = w.inputs();
    Operands operands = new Operands(operation).positive("m", m);
    check(operands, "x", x, m, k);
    check(operands, "y", y, m, n);
    operands
        .disjoint("x", x.span(), "y", y.span())
        .disjoint("words", w.words(), "y", y.span())
        .disjoint("scales", w.scales(), "y", y.span())
        .disjoint("bias", bias, "y", y.span())
        .holds("rounded", rounded, WeightFormat.roundedFloats(m, k))
        .disjoint("rounded", rounded, "x", x.span())
        .disjoint("rounded", rounded, "y", y.span());
    if (bias != null) {
      operands.holds("bias", bias, n);
    }
    if (residual != null) {
      check(operands, "residual", residual, m, n);
      operands.disjoint("residual", residual.span(), "y", y.span());
    }
    Span rows = rounded.slice(0, (int) WeightFormat.roundedFloats(m, k));
    recorder.add(roundRows(recorder, m, k, x, rows));
    int panels = WeightFormat.panels(n);
    int step = panelsPerTile(recorder, panels);
    Opcode opcode = w.format() == WeightFormat.INT8 ? Opcode.INT8_MATVEC : Opcode.INT4_MATVEC;
    Command command =
        Command.of(opcode, Operands.tiles(panels, step))
            .products(m + "x" + n + "x" + k, (long) m * n * k)
            .read(rows)
            .read(w.words())
            .read(w.scales())
            .write(y.span(), m, n, y.stride())
            .readIfPresent(bias == null ? null : bias.slice(0, n));
    if (residual == null) {
      command.absent();
    } else {
      command.read(residual.span(), m, n, residual.stride());
    }
    recorder.add(
        command
            .integer(m)
            .integer(n)
            .integer(k)
            .integer(y.stride())
            .integer(residual == null ? 0 : residual.stride())
            .integer(step));
  }

  private static Command roundRows(
      CommandRecorder recorder, int m, int k, MatMul.Matrix x, Span rows) {
    int groups = Math.toIntExact(m * Operands.tiles(k, WeightFormat.GROUP));
    int step = Math.max(1, recorder.tuned(Tunable.ELEMENTS_PER_TILE) / WeightFormat.GROUP);
    return Command.of(Opcode.ROUND_ROWS, Operands.tiles(groups, step))
        .read(x.span(), m, k, x.stride())
        .write(rows)
        .integer(m)
        .integer(k)
        .integer(x.stride())
        .integer(step);
  }

  /** As many rows of W as a tile of weights in fp32 has bytes, where that leaves tiles enough. */
  private static int panelsPerTile(CommandRecorder recorder, int panels) {
    int most = Float.BYTES * recorder.tuned(Tunable.MATVEC_B_ROWS) / WeightFormat.PANEL;
    return Math.max(1, Math.min(most, panels / (4 * recorder.computeUnits())));
  }

  /**
   * Records out[inputs, columns] = the transpose of some outputs of W, in floats.
   *
   * @param first output; a multiple of 16
   * @param columns outputs from there on
   */
  public static void dequantize(
      CommandRecorder recorder, QuantizedMatrix w, int first, int columns, MatMul.Matrix out) {
    Operands operands =
        new Operands("QuantizedMatVec.dequantize")
            .positive("columns", columns)
            .require(
                first >= 0 && first % WeightFormat.PANEL == 0 && first <= w.outputs() - columns,
                "must be a multiple of 16, all outputs from there on being in W",
                "first",
                first);
    check(operands, "out", out, w.inputs(), columns);
    operands
        .disjoint("words", w.words(), "out", out.span())
        .disjoint("scales", w.scales(), "out", out.span());
    int panels = WeightFormat.panels(columns);
    recorder.add(
        Command.of(Opcode.DEQUANTIZE, panels)
            .read(w.words())
            .read(w.scales())
            .write(out.span(), w.inputs(), columns, out.stride())
            .integer(first / WeightFormat.PANEL)
            .integer(columns)
            .integer(w.inputs())
            .integer(out.stride())
            .integer(w.format().code())
            .touching((w.format().words(columns, w.inputs()) + (long) columns * w.inputs())));
  }

  /**
   * Records out[r] = W[ids[r]], rows of {@link QuantizedMatrix#inputs} floats. A row whose id is
   * not an output of W becomes NaN.
   *
   * @param ids whole numbers as floats, one for each row
   */
  public static void lookUp(CommandRecorder recorder, Span ids, QuantizedMatrix w, Span out) {
    int rows = ids.length();
    new Operands("QuantizedMatVec.lookUp")
        .positive("rows", rows)
        .holds("out", out, (long) rows * w.inputs())
        .disjoint("out", out, "ids", ids)
        .disjoint("out", out, "words", w.words())
        .disjoint("out", out, "scales", w.scales());
    int floats = rows * w.inputs();
    recorder.add(
        Command.of(
                Opcode.QUANTIZED_EMBEDDING,
                Operands.tiles(rows, recorder.tuned(Tunable.EMBEDDING_ROWS)))
            .touching(2L * floats)
            .read(ids)
            .read(w.words())
            .read(w.scales())
            .write(out.slice(0, floats))
            .integer(rows)
            .integer(w.inputs())
            .integer(w.outputs())
            .integer(w.format().code()));
  }

  private static void check(
      Operands operands, String operand, MatMul.Matrix matrix, int rows, int columns) {
    operands
        .atLeast(operand + ".stride", matrix.stride(), columns)
        .holds(operand, matrix.span(), (rows - 1L) * matrix.stride() + columns);
  }
}
