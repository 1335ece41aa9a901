package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.Rope;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Rotary positions (Su et al., 2021), dim i of a head with dim i + headSize/2, as Llama pairs them.
 *
 * @param table [context, headSize] of cosines and sines
 * @param position of the first token of each sequence, when decoding [batch,1]
 */
public record Rotary(Value table, int headSize, double base, Value position) {

  /** Rotary positions of a model, whose table is a constant of it. */
  public static Rotary of(int context, int headSize, double base, Value position) {
    return new Rotary(Value.pinned("rotary table", context, headSize), headSize, base, position);
  }

  /** The table and how it is filled. */
  public Constant constant() {
    return new Constant(table, span -> Rope.writeTable(span, headSize, base));
  }

  /** Turns the first {@code heads} heads of each row of sequences of {@code time}, in place. */
  void record(Recording r, Value x, int time, int heads) {
    Rope.Shape shape =
        new Rope.Shape(x.rows(), time, heads, headSize, headSize, Rope.Pairing.HALVES);
    List<Operand> reads = new ArrayList<>(List.of(x, table));
    boolean decodes = r.pass().decodes();
    if (decodes) {
      reads.add(position);
    }
    r.emit(
        x.name() + " rotated",
        reads,
        List.of(x),
        (recorder, spans) ->
            Rope.forward(
                recorder,
                shape,
                matrix(spans, x),
                spans.of(table),
                decodes ? spans.of(position) : null,
                matrix(spans, x)));
    r.backward(
        () ->
            r.inPlace(
                x,
                x,
                gradient ->
                    r.emit(
                        gradient.name() + " rotated back",
                        List.of(gradient, table),
                        List.of(gradient),
                        (recorder, spans) ->
                            Rope.backward(
                                recorder,
                                shape,
                                matrix(spans, gradient),
                                spans.of(table),
                                null,
                                matrix(spans, gradient)))));
  }

  private static Matrix matrix(Spans spans, Value value) {
    return new Matrix(spans.of(value), value.columns());
  }

  /** One head of one sequence [T, headSize] turned, in double precision. */
  Tensor reference(Tape tape, Tensor x) {
    int half = headSize / 2;
    double[] cosines = new double[x.values().length];
    double[] sines = new double[x.values().length];
    for (int i = 0; i < cosines.length; i++) {
      int time = i / headSize;
      double angle = time * StrictMath.pow(base, -2.0 * (i % half) / headSize);
      cosines[i] = StrictMath.cos(angle);
      sines[i] = StrictMath.sin(angle);
    }
    Tensor first = tape.slice(x, 0, x.rows(), 0, half);
    Tensor second = tape.slice(x, 0, x.rows(), half, half);
    Tensor quarterTurn = tape.beside(List.of(tape.scale(second, -1), first));
    return tape.add(tape.scale(x, cosines), tape.scale(quarterTurn, sines));
  }
}
