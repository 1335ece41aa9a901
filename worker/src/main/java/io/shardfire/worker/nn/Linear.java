package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.worker.nn.MatrixProduct.Matrices;
import io.shardfire.worker.nn.MatrixProduct.Others;
import io.shardfire.worker.program.Contribution;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.QuantizedParameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * y[M,outputs] = x[M,inputs] weight + bias[outputs].
 *
 * @param order whether the weight is [inputs,outputs] or [outputs,inputs]
 * @param biased whether there is a bias, which starts at 0
 * @param weights initial values of the weight
 */
public record Linear(
    String name, int inputs, int outputs, WeightOrder order, boolean biased, Initial weights) {
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
    Value y = r.scope(name, () -> r.activation("output", x.rows(), outputs));
    into(r, x, residual, y, 0);
    return y;
  }

  /** The product plus a residual into the columns of y from {@code column} on. */
  void into(Recording r, Value x, Value residual, Value y, int column) {
    r.scope(
        name,
        () -> {
          Parameter weight = r.parameter("weight", weights, true, shape());
          Parameter bias = biased ? r.parameter("bias", ZERO, false, outputs) : null;
          forward(r, new Operands(x, weight, bias, residual), y, column);
          r.backward(
              () -> {
                Value dy = r.gradient(y);
                inputGradient(r, x, weight, dy, column);
                weightGradient(r, x, dy, column, weight);
                if (biased) {
                  biasGradient(r, dy, column, bias);
                }
                if (residual != null) {
                  r.pass(y, residual);
                }
              });
          return y;
        });
  }

  private Integer[] shape() {
    return storesInputsFirst() ? new Integer[] {inputs, outputs} : new Integer[] {outputs, inputs};
  }

  private boolean storesInputsFirst() {
    return order == WeightOrder.INPUT_BY_OUTPUT;
  }

  private int weightStride() {
    return storesInputsFirst() ? outputs : inputs;
  }

  /** What a product reads; bias and residual may be null. */
  private record Operands(Value x, Parameter weight, Parameter bias, Value residual) {
    List<Operand> others() {
      List<Operand> operands = new ArrayList<>(List.of(x));
      if (bias != null) {
        operands.add(bias);
      }
      if (residual != null) {
        operands.add(residual);
      }
      return operands;
    }

    Span biasIn(Spans spans) {
      return bias == null ? null : spans.of(bias);
    }

    Matrix residualIn(Spans spans, int columns) {
      return residual == null ? null : new Matrix(spans.of(residual), columns);
    }
  }

  private void forward(Recording r, Operands operands, Value y, int column) {
    if (r.pass().weights().quantizes()) {
      quantized(r, operands, y, column);
      return;
    }
    Layout layout = storesInputsFirst() ? Layout.NN : Layout.NT;
    if (r.pass().decodesOne()) {
      List<Operand> reads = operands.others();
      reads.add(operands.weight());
      r.emit(
          y.name(),
          reads,
          List.of(y),
          (recorder, spans) -> {
            Others of = others(spans, operands, y, column);
            Matrix b = new Matrix(spans.of(operands.weight()), weightStride());
            MatVec.record(
                recorder, layout, of.a(), b, of.c(), y.rows(), outputs, inputs, of.epilogue());
          });
    } else {
      new MatrixProduct(layout, y.rows(), outputs, inputs)
          .emit(
              r,
              y.name(),
              operands.weight(),
              operands.others(),
              y,
              spans -> others(spans, operands, y, column));
    }
  }

  private void quantized(Recording r, Operands operands, Value y, int column) {
    QuantizedParameter weight =
        new QuantizedParameter(
            operands.weight(), r.pass().weights(), outputs, inputs, storesInputsFirst());
    new QuantizedProduct(weight, y.rows())
        .emit(
            r,
            y.name(),
            operands.others(),
            y,
            spans ->
                new QuantizedProduct.Matrices(
                    new Matrix(spans.of(operands.x()), inputs),
                    operands.biasIn(spans),
                    operands.residualIn(spans, outputs),
                    band(spans, y, column)));
  }

  private Others others(Spans spans, Operands operands, Value y, int column) {
    return new Others(
        new Matrix(spans.of(operands.x()), inputs),
        band(spans, y, column),
        new Epilogue(operands.biasIn(spans), operands.residualIn(spans, outputs), false));
  }

  /** Columns of a value from {@code column} on. */
  private static Matrix band(Spans spans, Value value, int column) {
    Span span = spans.of(value);
    return new Matrix(span.slice(column, span.length() - column), value.columns());
  }

  private void inputGradient(Recording r, Value x, Parameter weight, Value dy, int column) {
    Contribution dx = r.contribution(x);
    List<Operand> reads = new ArrayList<>(List.of(dy));
    if (dx.adds()) {
      reads.add(dx.target());
    }
    new MatrixProduct(storesInputsFirst() ? Layout.NT : Layout.NN, x.rows(), inputs, outputs)
        .emit(
            r,
            dx.target().name(),
            weight,
            reads,
            dx.target(),
            spans ->
                new Others(
                    band(spans, dy, column),
                    new Matrix(spans.of(dx.target()), inputs),
                    dx.adds() ? Epilogue.ACCUMULATE : Epilogue.NONE));
  }

  private void weightGradient(Recording r, Value x, Value dy, int column, Parameter weight) {
    ParameterGradient dweight = r.gradient(weight);
    new MatrixProduct(Layout.TN, shape()[0], shape()[1], x.rows())
        .emit(
            r,
            dweight.name(),
            List.of(x, dy),
            dweight,
            spans -> {
              Matrix input = new Matrix(spans.of(x), inputs);
              Matrix gradient = band(spans, dy, column);
              return new Matrices(
                  storesInputsFirst() ? input : gradient,
                  storesInputsFirst() ? gradient : input,
                  new Matrix(spans.of(dweight), weightStride()),
                  spans.accumulates(dweight) ? Epilogue.ACCUMULATE : Epilogue.NONE);
            });
  }

  private void biasGradient(Recording r, Value dy, int column, Parameter bias) {
    ParameterGradient dbias = r.gradient(bias);
    r.emit(
        dbias.name(),
        List.of(dy),
        List.of(dbias),
        (recorder, spans) -> {
          Matrix gradient = band(spans, dy, column);
          ColumnSum.record(
              recorder,
              dy.rows(),
              outputs,
              gradient.span(),
              gradient.stride(),
              spans.of(dbias),
              spans.accumulates(dbias));
        });
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x) {
    return r.scope(
        name,
        () -> {
          Tensor weight = r.parameter("weight", shape()[0], shape()[1]);
          Tensor y = storesInputsFirst() ? r.product(x, weight) : r.productTransposed(x, weight);
          return biased ? r.tape().addRow(y, r.parameter("bias", 1, outputs)) : y;
        });
  }
}
