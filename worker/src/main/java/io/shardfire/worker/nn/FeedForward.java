package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Gated;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * Two layers with an activation between them; a gated one multiplies the activated first half by
 * the second (Shazeer, 2020).
 *
 * @param expand x[M,D] to [M,F], or gated to gate and value side by side [M,2F]
 * @param contract [M,F] to [M,D], joining the residual stream
 */
public record FeedForward(
    String name,
    PackedLinear expand,
    Activation.Function function,
    boolean gated,
    Projection contract) {

  /** x[M,D] by way of [M,F], plus residual[M,D]. */
  public Value record(Recording r, Value x, Value residual) {
    return r.scope(
        name,
        () -> {
          Value hidden = expand.record(r, x);
          return contract.record(r, gated ? gate(r, hidden) : layer().record(r, hidden), residual);
        });
  }

  private Value gate(Recording r, Value hidden) {
    int width = hidden.columns() / 2;
    Value y = r.activation("activated", hidden.rows(), width);
    r.emit(
        y.name(),
        List.of(hidden),
        List.of(y),
        (recorder, spans) ->
            Gated.forward(recorder, function, y.rows(), width, spans.of(hidden), spans.of(y)));
    r.backward(
        () -> {
          Value dy = r.gradient(y);
          r.overwriting(
              hidden,
              dx ->
                  r.emit(
                      dx.name(),
                      List.of(hidden, dy),
                      List.of(dx),
                      (recorder, spans) ->
                          Gated.backward(
                              recorder,
                              function,
                              y.rows(),
                              width,
                              spans.of(hidden),
                              spans.of(dy),
                              spans.of(dx))));
        });
    return y;
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x, Tensor residual) {
    return r.scope(
        name,
        () -> {
          Tape tape = r.tape();
          Tensor hidden = expand.reference(r, x);
          if (!gated) {
            return contract.reference(r, layer().reference(tape, hidden), residual);
          }
          int width = hidden.columns() / 2;
          Tensor gate = tape.slice(hidden, 0, hidden.rows(), 0, width);
          Tensor value = tape.slice(hidden, 0, hidden.rows(), width, width);
          return contract.reference(
              r, tape.multiply(layer().reference(tape, gate), value), residual);
        });
  }

  private ActivationLayer layer() {
    return new ActivationLayer(function);
  }
}
