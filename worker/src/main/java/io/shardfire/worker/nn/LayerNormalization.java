package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.worker.program.Contribution;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/** LayerNorm of each row [D] (Ba, Kiros and Hinton, 2016). */
public record LayerNormalization(String name, int width, float epsilon) implements Norm {
  private static final Initial ONE = new Initial.Constant(1);
  private static final Initial ZERO = new Initial.Constant(0);

  @Override
  public Value record(Recording r, Value x) {
    return r.scope(
        name,
        () -> {
          Parameter weight = r.parameter("weight", ONE, false, width);
          Parameter bias = r.parameter("bias", ZERO, false, width);
          Value y = r.activation("output", x.rows(), width);
          Value stats = r.value("statistics", x.rows(), 2);
          r.emit(
              y.name(),
              List.of(x, weight, bias),
              List.of(y, stats),
              (recorder, spans) ->
                  LayerNorm.forward(
                      recorder,
                      x.rows(),
                      width,
                      epsilon,
                      spans.of(x),
                      spans.of(weight),
                      spans.of(bias),
                      spans.of(y),
                      spans.of(stats)));
          r.backward(() -> backward(r, x, weight, bias, y, stats));
          return y;
        });
  }

  private void backward(
      Recording r, Value x, Parameter weight, Parameter bias, Value y, Value stats) {
    Value dy = r.gradient(y);
    Contribution dx = r.contribution(x);
    ParameterGradient dweight = r.gradient(weight);
    ParameterGradient dbias = r.gradient(bias);
    List<Operand> reads = new ArrayList<>(List.of(x, weight, stats, dy));
    if (dx.adds()) {
      reads.add(dx.target());
    }
    r.emit(
        dx.target().name(),
        reads,
        List.of(dx.target(), dweight, dbias),
        (recorder, spans) ->
            LayerNorm.backward(
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
                spans.of(dbias),
                spans.accumulates(dweight)));
  }

  @Override
  public Tensor reference(Reference r, Tensor x) {
    return r.scope(
        name,
        () -> {
          Tape tape = r.tape();
          Tensor normal = tape.divideByRootMeanSquare(tape.centre(x), epsilon);
          return tape.addRow(
              tape.multiplyRows(normal, r.parameter("weight", 1, width)),
              r.parameter("bias", 1, width));
        });
  }
}
