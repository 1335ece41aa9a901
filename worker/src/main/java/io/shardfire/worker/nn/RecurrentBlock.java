package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.Recurrence;
import io.shardfire.kernels.ops.RecurrentCell;
import io.shardfire.kernels.ops.RecurrentShape;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer of H units and G gates, with dropout of what it makes (Zaremba et al., 2014)
 * and neither norm nor residual. The state is 0 before each sequence, and each document of several
 * in one: gradients go back as far as the context.
 *
 * @param input x[M,H] to what it gives the gates [M,GH]
 * @param biased whether there is a bias of what the state gives them, which starts at 0, or 1 for
 *     the forget gate of the LSTM (Jozefowicz et al., 2015)
 * @param weights initial values of the weight of the state
 * @param batch which tokens see which, and where states come from when decoding
 */
public record RecurrentBlock(
    RecurrentCell cell,
    Linear input,
    boolean biased,
    Initial weights,
    Dropped dropout,
    TokenBatch batch)
    implements Block {
  private static final String SCOPE = "recurrent";
  private static final String WEIGHT = "weight";
  private static final String BIAS = "bias";
  private static final float FORGET_BIAS = 1;

  /** Values of a pass; some are null, as {@link Recurrence} says. */
  private record Made(
      Value gates, Value before, Value out, Value kept, Parameter weight, Parameter bias) {
    Recurrence.States states(Spans spans) {
      return new Recurrence.States(
          spans.of(gates), spans.of(before), spans.of(out), RecurrentCache.spanOf(spans, kept));
    }

    Recurrence.Weights weights(Spans spans) {
      return new Recurrence.Weights(spans.of(weight), bias == null ? null : spans.of(bias));
    }
  }

  @Override
  public Value record(Recording r, Value x, DistanceBias.Recorded biases, Value memory) {
    Value gates = input.record(r, x);
    return r.scope(
        SCOPE,
        () -> {
          int rows = x.rows();
          Made made =
              new Made(
                  gates,
                  r.activation("before", rows, width()),
                  r.activation("output", rows, width()),
                  cell.keeps() ? r.activation("kept", rows, width()) : null,
                  r.parameter(WEIGHT, weights, true, gates.columns(), width()),
                  biased ? r.parameter(BIAS, bias(), false, gates.columns()) : null);
          forward(r, made);
          r.backward(() -> backward(r, made));
          return dropout.inPlace(r, made.out());
        });
  }

  private int width() {
    return input.inputs();
  }

  private Initial bias() {
    return cell == RecurrentCell.LSTM
        ? new Initial.Parts(List.of(0f, FORGET_BIAS, 0f, 0f))
        : new Initial.Constant(0);
  }

  private RecurrentShape shape() {
    return new RecurrentShape(cell, batch.batch(), batch.time(), width());
  }

  /** The first token that each sees; null where all see the first of their sequence. */
  private Value firstVisible() {
    return batch.visible() == null ? null : batch.visible().first();
  }

  private void forward(Recording r, Made made) {
    RecurrentShape shape = shape();
    Value firstVisible = firstVisible();
    RecurrentCache lasting = r.pass().decodes() ? RecurrentCache.of(r, batch, cell, width()) : null;
    Value product = r.value("product", shape.batch(), shape.gateWidth());
    Value cells =
        lasting == null || lasting.cells() == null
            ? null
            : r.value("cells before", shape.batch(), width());
    List<Operand> reads =
        new ArrayList<>(
            RecurrentCache.present(made.gates(), made.weight(), made.bias(), firstVisible));
    List<Operand> writes =
        new ArrayList<>(
            RecurrentCache.present(
                made.gates(), made.before(), made.out(), made.kept(), product, cells));
    if (lasting != null) {
      reads.addAll(lasting.reads());
      writes.addAll(lasting.writes());
    }
    r.emit(
        made.out().name(),
        reads,
        writes,
        (recorder, spans) ->
            Recurrence.forward(
                recorder,
                shape,
                made.weights(spans),
                made.states(spans),
                new Recurrence.Scratch(spans.of(product), RecurrentCache.spanOf(spans, cells)),
                RecurrentCache.spanOf(spans, firstVisible),
                lasting == null ? null : lasting.states(spans)));
  }

  private void backward(Recording r, Made made) {
    RecurrentShape shape = shape();
    Value firstVisible = firstVisible();
    Value dout = r.gradient(made.out());
    // Nothing but the cells reads what the input gives them.
    Value dgates = r.contribution(made.gates()).target();
    Value split =
        cell.splitsGradient() ? r.value("product gradient", shape.rows(), shape.gateWidth()) : null;
    Value carry = r.value("carry", shape.batch(), width());
    Value cells =
        cell == RecurrentCell.LSTM ? r.value("carried cells", shape.batch(), width()) : null;
    r.emit(
        dgates.name(),
        RecurrentCache.present(
            made.gates(),
            made.before(),
            made.out(),
            made.kept(),
            made.weight(),
            made.bias(),
            firstVisible,
            dout),
        RecurrentCache.present(dgates, split, carry, cells),
        (recorder, spans) ->
            Recurrence.backward(
                recorder,
                shape,
                made.weights(spans),
                made.states(spans),
                spans.of(dout),
                new Recurrence.Gradients(spans.of(dgates), RecurrentCache.spanOf(spans, split)),
                new Recurrence.Carry(spans.of(carry), RecurrentCache.spanOf(spans, cells)),
                RecurrentCache.spanOf(spans, firstVisible)));
    Value dproduct = split == null ? dgates : split;
    weightGradient(r, made, dproduct);
    if (biased) {
      biasGradient(r, dproduct, made.bias());
    }
  }

  /** One product over all tokens. */
  private void weightGradient(Recording r, Made made, Value dproduct) {
    ParameterGradient dweight = r.gradient(made.weight());
    r.emit(
        dweight.name(),
        List.of(dproduct, made.before()),
        List.of(dweight),
        (recorder, spans) ->
            MatMul.record(
                recorder,
                Layout.TN,
                new Matrix(spans.of(dproduct), dproduct.columns()),
                new Matrix(spans.of(made.before()), width()),
                new Matrix(spans.of(dweight), width()),
                dproduct.columns(),
                width(),
                dproduct.rows(),
                spans.accumulates(dweight) ? Epilogue.ACCUMULATE : Epilogue.NONE));
  }

  private static void biasGradient(Recording r, Value dproduct, Parameter bias) {
    ParameterGradient dbias = r.gradient(bias);
    r.emit(
        dbias.name(),
        List.of(dproduct),
        List.of(dbias),
        (recorder, spans) ->
            ColumnSum.record(
                recorder,
                dproduct.rows(),
                dproduct.columns(),
                spans.of(dproduct),
                dproduct.columns(),
                spans.of(dbias),
                spans.accumulates(dbias)));
  }

  @Override
  public void keepSource(Recording r, Value memory) {
    throw new IllegalStateException("A recurrent layer reads no source");
  }

  @Override
  public Tensor reference(Reference r, Tensor x, List<Tensor> biases, Tensor memory) {
    Tensor gates = input.reference(r, x);
    return r.scope(
        SCOPE,
        () -> {
          Tensor weight = r.parameter(WEIGHT, gates.columns(), width());
          Tensor bias = biased ? r.parameter(BIAS, 1, gates.columns()) : null;
          Tensor out =
              new RecurrentReference(r.tape(), cell, weight, bias)
                  .run(gates, batch.batch(), batch.time(), begins(r));
          return dropout.reference(r, out);
        });
  }

  /** Of each row, whether it does not see the token before. */
  private boolean[] begins(Reference r) {
    boolean[] begins = new boolean[batch.batch() * batch.time()];
    int[] first = firstVisible() == null ? new int[begins.length] : r.input(firstVisible());
    for (int row = 0; row < begins.length; row++) {
      begins[row] = first[row] >= row % batch.time();
    }
    return begins;
  }
}
