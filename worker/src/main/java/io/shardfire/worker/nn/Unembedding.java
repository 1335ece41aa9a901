package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.worker.nn.MatrixProduct.Matrices;
import io.shardfire.worker.nn.MatrixProduct.Others;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.QuantizedParameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * What turns hidden states [C,D] into logits [C,S], S at least V.
 *
 * @param table [V,D]
 * @param bias V floats; or null
 */
record Unembedding(int vocabularySize, int width, Parameter table, Parameter bias) {
  /** What a product reads but the table. */
  List<Operand> others(Value hidden) {
    return bias == null ? List.of(hidden) : List.of(hidden, bias);
  }

  /** What a product adds. */
  Epilogue epilogue(Spans spans) {
    return bias == null ? Epilogue.NONE : new Epilogue(spans.of(bias), null, false);
  }

  /** The logits. */
  void record(Recording r, Value hidden, Value logits) {
    if (r.pass().weights().quantizes()) {
      recordQuantized(r, hidden, logits);
      return;
    }
    new MatrixProduct(Layout.NT, hidden.rows(), vocabularySize, width)
        .emit(
            r,
            logits.name(),
            table,
            others(hidden),
            logits,
            spans ->
                new Others(
                    new Matrix(spans.of(hidden), width),
                    new Matrix(spans.of(logits), logits.columns()),
                    epilogue(spans)));
  }

  /** The logits, of a table that is quantised. */
  void recordQuantized(Recording r, Value hidden, Value logits) {
    QuantizedParameter weight =
        new QuantizedParameter(table, r.pass().weights(), vocabularySize, width, false);
    new QuantizedProduct(weight, hidden.rows())
        .emit(
            r,
            logits.name(),
            others(hidden),
            logits,
            spans ->
                new QuantizedProduct.Matrices(
                    new Matrix(spans.of(hidden), width),
                    bias == null ? null : spans.of(bias),
                    null,
                    new Matrix(spans.of(logits), logits.columns())));
  }

  /**
   * The gradients of hidden states, table and bias.
   *
   * @param adds whether to add to what dhidden holds
   */
  void backward(Recording r, Value hidden, Value dlogits, Value dhidden, boolean adds) {
    List<Operand> reads = new ArrayList<>(List.of(dlogits));
    if (adds) {
      reads.add(dhidden);
    }
    new MatrixProduct(Layout.NN, hidden.rows(), width, vocabularySize)
        .emit(
            r,
            dhidden.name(),
            table,
            reads,
            dhidden,
            spans ->
                new Others(
                    new Matrix(spans.of(dlogits), dlogits.columns()),
                    new Matrix(spans.of(dhidden), width),
                    adds ? Epilogue.ACCUMULATE : Epilogue.NONE));
    ParameterGradient dtable = r.gradient(table);
    new MatrixProduct(Layout.TN, vocabularySize, width, hidden.rows())
        .emit(
            r,
            dtable.name(),
            List.of(dlogits, hidden),
            dtable,
            spans ->
                new Matrices(
                    new Matrix(spans.of(dlogits), dlogits.columns()),
                    new Matrix(spans.of(hidden), width),
                    new Matrix(spans.of(dtable), width),
                    spans.accumulates(dtable) ? Epilogue.ACCUMULATE : Epilogue.NONE));
    if (bias != null) {
      biasGradient(r, dlogits);
    }
  }

  private void biasGradient(Recording r, Value dlogits) {
    ParameterGradient dbias = r.gradient(bias);
    r.emit(
        dbias.name(),
        List.of(dlogits),
        List.of(dbias),
        (recorder, spans) ->
            ColumnSum.record(
                recorder,
                dlogits.rows(),
                vocabularySize,
                spans.of(dlogits),
                dlogits.columns(),
                spans.of(dbias),
                spans.accumulates(dbias)));
  }
}
