package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Scale;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import java.util.List;

/** Multiplication by a number; by 1 it is nothing. */
record Scaling(float factor) {

  /** x times the factor, in its place. */
  void inPlace(Recording r, Value x) {
    if (factor == 1) {
      return;
    }
    emit(r, x);
    r.backward(() -> r.inPlace(x, x, gradient -> emit(r, gradient)));
  }

  private void emit(Recording r, Value x) {
    r.emit(
        x.name() + " scaled",
        List.of(x),
        List.of(x),
        (recorder, spans) -> Scale.byConstant(recorder, spans.of(x), factor, spans.of(x)));
  }
}
