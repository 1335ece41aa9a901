package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.RmsNorm;
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

/** RMSNorm of each row [D] (Zhang and Sennrich, 2019). */
public record RmsNormalization(String name, int width, float epsilon) implements Norm {
  private static final Initial ONE = new Initial.Constant(1);

  @Override
  public Value record(Recording r, Value x) {
    return r.scope(
        name,
        () -> {
          Parameter weight = r.parameter("weight", ONE, false, width);
          Value y = r.activation("output", x.rows(), width);
          Value stats = r.value("statistics", x.rows(), 1);
          r.emit(
              y.name(),
              List.of(x, weight),
              List.of(y, stats),
              (recorder, spans) ->
                  RmsNorm.forward(
                      recorder,
                      x.rows(),
                      width,
                      epsilon,
                      spans.of(x),
                      spans.of(weight),
                      spans.of(y),
                      spans.of(stats)));
          r.backward(() -> backward(r, x, weight, y, stats));
          return y;
        });
  }

  private void backward(Recording r, Value x, Parameter weight, Value y, Value stats) {
    Value dy = r.gradient(y);
    Contribution dx = r.contribution(x);
    ParameterGradient dweight = r.gradient(weight);
    List<Operand> reads = new ArrayList<>(List.of(x, weight, stats, dy));
    if (dx.adds()) {
      reads.add(dx.target());
    }
    r.emit(
        dx.target().name(),
        reads,
        List.of(dx.target(), dweight),
        (recorder, spans) ->
            RmsNorm.backward(
                recorder,
                x.rows(),
                width,
                spans.of(x),
                spans.of(weight),
                spans.of(stats),
                spans.of(dy),
                spans.of(dx.target()),
                dx.adds(),
                spans.of(dweight),
                spans.accumulates(dweight)));
  }

  @Override
  public Tensor reference(Reference r, Tensor x) {
    return r.scope(
        name,
        () ->
            r.tape()
                .multiplyRows(
                    r.tape().divideByRootMeanSquare(x, epsilon), r.parameter("weight", 1, width)));
  }
}
