package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Gelu;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/** Two layers with the tanh form of GELU between them (Hendrycks and Gimpel, 2016). */
public record FeedForward(String name, Linear expand, Projection contract) {
  private static final double GELU_SCALE = StrictMath.sqrt(2 / StrictMath.PI);
  private static final double GELU_CUBIC = 0.044715;

  /** x[M,D] by way of [M,F], plus residual[M,D]. */
  public Value record(Recording r, Value x, Value residual) {
    return r.scope(name, () -> contract.record(r, activate(r, expand.record(r, x)), residual));
  }

  private Value activate(Recording r, Value hidden) {
    Value y = r.rows("activated", hidden.columns());
    r.emit(
        y.name(),
        List.of(hidden),
        List.of(y),
        (recorder, spans) -> Gelu.forward(recorder, spans.of(hidden), spans.of(y)));
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
                            Gelu.backward(
                                recorder,
                                spans.of(hidden),
                                spans.of(gradient),
                                spans.of(gradient)))));
    return y;
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x, Tensor residual) {
    return r.scope(
        name,
        () -> {
          Tensor hidden = expand.reference(r, x);
          Tensor activated = r.tape().map(hidden, FeedForward::gelu, FeedForward::geluSlope);
          return contract.reference(r, activated, residual);
        });
  }

  private static double gelu(double x) {
    return 0.5 * x * (1 + StrictMath.tanh(GELU_SCALE * (x + GELU_CUBIC * x * x * x)));
  }

  private static double geluSlope(double x) {
    double tanh = StrictMath.tanh(GELU_SCALE * (x + GELU_CUBIC * x * x * x));
    return 0.5 * (1 + tanh)
        + 0.5 * x * (1 - tanh * tanh) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x * x);
  }
}
