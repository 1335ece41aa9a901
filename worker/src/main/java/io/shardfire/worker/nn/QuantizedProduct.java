package io.shardfire.worker.nn;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.QuantizedMatVec;
import io.shardfire.kernels.ops.QuantizedMatrix;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.QuantizedParameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * y[m,outputs] = x[m,inputs] Wᵀ with a quantised W. A few rows stream it; for more, a part of it at
 * a time becomes floats that are multiplied like others.
 */
record QuantizedProduct(QuantizedParameter weight, int m) {
  /** Rows that stream W; of more, W would be walked along too often. */
  private static final int STREAMED_ROWS = 16;

  /** Floats that are made of W at once, 4 MiB, but outputs enough for all threads. */
  private static final int PART_FLOATS = 1 << 20;

  private static final int LEAST_OUTPUTS = 512;

  /** Outputs of a part begin at multiples of this many. */
  private static final int PANEL = 16;

  /** What the product reads beside W and writes; bias and residual may be null. */
  record Matrices(Matrix x, Span bias, Matrix residual, Matrix y) {}

  /**
   * Appends the product.
   *
   * @param reads what it reads beside W
   */
  void emit(
      Recording r,
      String name,
      List<Operand> reads,
      Value target,
      Function<Spans, Matrices> matrices) {
    List<Operand> operands = new ArrayList<>(reads);
    operands.add(weight);
    if (m <= STREAMED_ROWS) {
      long floats = WeightFormat.roundedFloats(m, weight.inputs());
      Value rounded = r.value("rounded rows", 1, Math.toIntExact(floats));
      r.emit(
          name,
          operands,
          List.of(target, rounded),
          (recorder, spans) -> {
            Matrices of = matrices.apply(spans);
            QuantizedMatVec.record(
                recorder,
                m,
                of.x(),
                spans.of(weight),
                of.bias(),
                of.residual(),
                of.y(),
                spans.of(rounded));
          });
      return;
    }
    Value floats = r.value("weights", weight.inputs(), partOutputs());
    r.emit(
        name,
        operands,
        List.of(target, floats),
        (recorder, spans) ->
            inParts(recorder, matrices.apply(spans), spans.of(weight), spans.of(floats)));
  }

  private int partOutputs() {
    int fitting = PART_FLOATS / weight.inputs() / PANEL * PANEL;
    return Math.min(weight.outputs(), Math.max(LEAST_OUTPUTS, fitting));
  }

  private void inParts(CommandRecorder recorder, Matrices of, QuantizedMatrix w, Span floats) {
    for (int first = 0; first < w.outputs(); first += partOutputs()) {
      int outputs = Math.min(partOutputs(), w.outputs() - first);
      Matrix part = new Matrix(floats, outputs);
      QuantizedMatVec.dequantize(recorder, w, first, outputs, part);
      MatMul.record(
          recorder,
          Layout.NN,
          of.x(),
          part,
          from(of.y(), first),
          m,
          outputs,
          w.inputs(),
          new Epilogue(
              of.bias() == null ? null : of.bias().slice(first, outputs),
              of.residual() == null ? null : from(of.residual(), first),
              false));
    }
  }

  private static Matrix from(Matrix matrix, int column) {
    Span span = matrix.span();
    return new Matrix(span.slice(column, span.length() - column), matrix.stride());
  }
}
