package io.shardfire.worker.nn;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Gated;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.reference.ActivationReference;
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
          return contract.record(r, gated ? gate(r, hidden) : activate(r, hidden), residual);
        });
  }

  private Value activate(Recording r, Value hidden) {
    Value y = r.rows("activated", hidden.columns());
    r.emit(
        y.name(),
        List.of(hidden),
        List.of(y),
        (recorder, spans) -> forward(recorder, spans.of(hidden), spans.of(y)));
    r.backward(
        () ->
            r.inPlace(
                y,
                hidden,
                gradient ->
                    r.emit(
                        hidden.name() + " gradient",
                        List.of(hidden, gradient),
                        List.of(gradient),
                        (recorder, spans) ->
                            backward(recorder, spans.of(hidden), spans.of(gradient)))));
    return y;
  }

  /** The tanh form of GELU has a kernel of its own. */
  private void forward(CommandRecorder recorder, Span x, Span y) {
    if (function == Activation.Function.GELU_TANH) {
      Gelu.forward(recorder, x, y);
    } else {
      Activation.forward(recorder, function, x, y);
    }
  }

  private void backward(CommandRecorder recorder, Span x, Span gradient) {
    if (function == Activation.Function.GELU_TANH) {
      Gelu.backward(recorder, x, gradient, gradient);
    } else {
      Activation.backward(recorder, function, x, gradient, gradient);
    }
  }

  private Value gate(Recording r, Value hidden) {
    int width = hidden.columns() / 2;
    Value y = r.rows("activated", width);
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
            return contract.reference(r, activated(tape, hidden), residual);
          }
          int width = hidden.columns() / 2;
          Tensor gate = tape.slice(hidden, 0, hidden.rows(), 0, width);
          Tensor value = tape.slice(hidden, 0, hidden.rows(), width, width);
          return contract.reference(r, tape.multiply(activated(tape, gate), value), residual);
        });
  }

  private Tensor activated(Tape tape, Tensor x) {
    ActivationReference reference = ActivationReference.valueOf(function.name());
    return tape.map(
        x,
        value -> reference.forward(new double[] {value})[0],
        value -> reference.backward(new double[] {value}, new double[] {1})[0]);
  }
}
