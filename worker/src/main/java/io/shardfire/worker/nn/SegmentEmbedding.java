package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * A vector for each kind of sentence (Devlin et al., 2019).
 *
 * @param segments the kind of each token [M,1]
 */
public record SegmentEmbedding(int kinds, int width, Initial initial, Value segments) {
  private static final String TABLE = "segments.weight";

  /** Adds the vectors to x, in place. */
  void add(Recording r, Value x) {
    Parameter table = r.parameter(TABLE, initial, true, kinds, width);
    Value vectors = r.activation("segments", x.rows(), width);
    r.emit(
        vectors.name(),
        List.of(segments, table),
        List.of(vectors),
        (recorder, spans) ->
            RowLookup.forward(
                recorder, width, spans.of(segments), spans.of(table), spans.of(vectors)));
    r.emit(
        x.name() + " with segments",
        List.of(x, vectors),
        List.of(x),
        (recorder, spans) ->
            Elementwise.add(recorder, spans.of(x), spans.of(vectors), spans.of(x)));
    r.backward(() -> backward(r, x, table));
  }

  private void backward(Recording r, Value x, Parameter table) {
    Value dx = r.gradient(x);
    ParameterGradient dtable = r.gradient(table);
    r.emit(
        dtable.name(),
        List.of(segments, dx),
        List.of(dtable),
        (recorder, spans) ->
            RowLookup.backward(
                recorder,
                width,
                spans.of(segments),
                spans.of(dx),
                spans.of(dtable),
                spans.accumulates(dtable)));
  }

  /** The vectors in double precision. */
  Tensor reference(Reference r) {
    return r.tape().gather(r.parameter(TABLE, kinds, width), r.input(segments));
  }
}
