package io.shardfire.worker.nn;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.reference.ActivationReference;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/** A function of every element. */
record ActivationLayer(Activation.Function function) {

  /** f(x). */
  Value record(Recording r, Value x) {
    Value y = r.activation("activated", x.rows(), x.columns());
    r.emit(
        y.name(),
        List.of(x),
        List.of(y),
        (recorder, spans) -> forward(recorder, spans.of(x), spans.of(y)));
    r.backward(
        () ->
            r.inPlace(
                y,
                x,
                gradient ->
                    r.emit(
                        x.name() + " gradient",
                        List.of(x, gradient),
                        List.of(gradient),
                        (recorder, spans) -> backward(recorder, spans.of(x), spans.of(gradient)))));
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

  /** The same in double precision. */
  Tensor reference(Tape tape, Tensor x) {
    ActivationReference reference = ActivationReference.valueOf(function.name());
    return tape.map(
        x,
        value -> reference.forward(new double[] {value})[0],
        value -> reference.backward(new double[] {value}, new double[] {1})[0]);
  }
}
