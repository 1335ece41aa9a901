package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.RelativeBias;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Trained biases for buckets of distances (Raffel et al., 2020), one table for all blocks of a
 * stack.
 *
 * @param bucketOfDistance [1, distances]
 * @param initial values of the table [buckets, heads]
 */
public record RelativeBiases(
    Value bucketOfDistance, RelativeBias.Buckets buckets, AttentionShape shape, Initial initial)
    implements DistanceBias {
  private static final String TABLE = "relativeBias.weight";

  /** The biases of a model; which bucket a distance is in is a constant of it. */
  public static RelativeBiases of(
      RelativeBias.Buckets buckets, AttentionShape shape, Initial initial) {
    Value bucketOfDistance = Value.pinned("buckets of distances", 1, shape.distances());
    return new RelativeBiases(bucketOfDistance, buckets, shape, initial);
  }

  @Override
  public Constant constant() {
    return new Constant(bucketOfDistance, span -> buckets.write(shape, span));
  }

  @Override
  public Recorded record(Recording r) {
    Parameter table = r.parameter(TABLE, initial, true, buckets.count(), shape.heads());
    Value biases = r.value("distance biases", shape.heads(), shape.distances());
    Value bySequence =
        r.value("distance biases by sequence", shape.batch() * shape.heads(), shape.distances());
    r.emit(
        biases.name(),
        List.of(bucketOfDistance, table),
        List.of(biases),
        (recorder, spans) ->
            RelativeBias.forward(
                recorder,
                shape,
                buckets,
                spans.of(bucketOfDistance),
                spans.of(table),
                spans.of(biases)));
    r.backward(() -> backward(r, table, r.gradient(bySequence)));
    return new Recorded(biases, bySequence);
  }

  private void backward(Recording r, Parameter table, Value dbiases) {
    ParameterGradient dtable = r.gradient(table);
    r.emit(
        dtable.name(),
        List.of(bucketOfDistance, dbiases),
        List.of(dtable),
        (recorder, spans) ->
            RelativeBias.backward(
                recorder,
                shape,
                buckets,
                spans.of(bucketOfDistance),
                spans.of(dbiases),
                spans.of(dtable),
                spans.accumulates(dtable)));
  }

  @Override
  public List<Tensor> reference(Reference r) {
    Tape tape = r.tape();
    Tensor table = r.parameter(TABLE, buckets.count(), shape.heads());
    int[] rows = new int[shape.queries() * shape.keys()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = buckets.bucket(i % shape.keys() - i / shape.keys());
    }
    List<Tensor> heads = new ArrayList<>();
    for (int head = 0; head < shape.heads(); head++) {
      Tensor column = tape.slice(table, 0, buckets.count(), head, 1);
      heads.add(tape.reshape(tape.gather(column, rows), shape.queries(), shape.keys()));
    }
    return heads;
  }
}
