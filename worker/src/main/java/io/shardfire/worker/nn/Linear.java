package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.worker.program.Contribution;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y[M,outputs] = x[M,inputs] weight[inputs,outputs] + bias[outputs].
 *
 * @param weights initial values of the weight; the bias starts at 0
 */
public record Linear(String name, int inputs, int outputs, Initial weights) {
  private static final Initial ZERO = new Initial.Constant(0);

  /** The product. */
  public Value record(Recording r, Value x) {
    return record(r, x, null);
  }

  /**
   * The product plus a residual.
   *
   * @param residual [M,outputs]; null for none
   */
  public Value record(Recording r, Value x, Value residual) {
    return r.scope(
        name,
        () -> {
          Parameter weight = r.parameter("weight", weights, true, inputs, outputs);
          Parameter bias = r.parameter("bias", ZERO, false, outputs);
          Value y = r.rows("output", outputs);
          forward(r, x, weight, bias, residual, y);
          r.backward(
              () -> {
                Value dy = r.gradient(y);
                inputGradient(r, x, weight, dy);
                parameterGradients(r, x, dy, weight, bias);
                if (residual != null) {
                  r.pass(y, residual);
                }
              });
          return y;
        });
  }

  private void forward(
      Recording r, Value x, Parameter weight, Parameter bias, Value residual, Value y) {
    List<Operand> reads = new ArrayList<>(List.of(x, weight, bias));
    if (residual != null) {
      reads.add(residual);
    }
    r.emit(
        y.name(),
        reads,
        List.of(y),
        (recorder, spans) -> {
          Matrix added = residual == null ? null : new Matrix(spans.of(residual), outputs);
          MatMul.record(
              recorder,
              Layout.NN,
              new Matrix(spans.of(x), inputs),
              new Matrix(spans.of(weight), outputs),
              new Matrix(spans.of(y), outputs),
              x.rows(),
              outputs,
              inputs,
              new Epilogue(spans.of(bias), added, false));
        });
  }

  private void inputGradient(Recording r, Value x, Parameter weight, Value dy) {
    Contribution dx = r.contribution(x);
    List<Operand> reads = new ArrayList<>(List.of(dy, weight));
    if (dx.adds()) {
      reads.add(dx.target());
    }
    r.emit(
        dx.target().name(),
        reads,
        List.of(dx.target()),
        (recorder, spans) ->
            MatMul.record(
                recorder,
                Layout.NT,
                new Matrix(spans.of(dy), outputs),
                new Matrix(spans.of(weight), outputs),
                new Matrix(spans.of(dx.target()), inputs),
                x.rows(),
                inputs,
                outputs,
                dx.adds() ? Epilogue.ACCUMULATE : Epilogue.NONE));
  }

  private void parameterGradients(
      Recording r, Value x, Value dy, Parameter weight, Parameter bias) {
    ParameterGradient dweight = r.gradient(weight);
    r.emit(
        dweight.name(),
        List.of(x, dy),
        List.of(dweight),
        (recorder, spans) ->
            MatMul.record(
                recorder,
                Layout.TN,
                new Matrix(spans.of(x), inputs),
                new Matrix(spans.of(dy), outputs),
                new Matrix(spans.of(dweight), outputs),
                inputs,
                outputs,
                x.rows(),
                spans.accumulates(dweight) ? Epilogue.ACCUMULATE : Epilogue.NONE));
    ParameterGradient dbias = r.gradient(bias);
    r.emit(
        dbias.name(),
        List.of(dy),
        List.of(dbias),
        (recorder, spans) -> {
          Span gradient = spans.of(dy);
          ColumnSum.record(
              recorder,
              x.rows(),
              outputs,
              gradient,
              outputs,
              spans.of(dbias),
              spans.accumulates(dbias));
        });
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x) {
    return r.scope(
        name,
        () ->
            r.tape()
                .addRow(
                    r.tape().product(x, r.parameter("weight", inputs, outputs)),
                    r.parameter("bias", 1, outputs)));
  }
}
