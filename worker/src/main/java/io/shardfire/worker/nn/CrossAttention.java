package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;

/**
 * Attention of a decoder to what an encoder made of the source (Vaswani et al., 2017).
 *
 * @param attention the sizes, and what sees what
 * @param queries x to queries [M, HS]
 * @param keysAndValues the encoder's output to keys and values side by side [source rows, 2GS]
 * @param output [M, HS] to D, joining the residual stream
 */
public record CrossAttention(
    String name,
    ScaledDotProduct attention,
    Linear queries,
    PackedLinear keysAndValues,
    Projection output) {

  /** x[M,D] attended to memory[source rows, D], plus residual[M,D]. */
  public Value record(Recording r, Value x, Value residual, Value memory) {
    return r.scope(
        name,
        () -> {
          Value q = queries.record(r, x);
          Value kv = keysAndValues.record(r, memory);
          Value attended = attention.record(r, new ScaledDotProduct.Inputs(q, kv, 0), null);
          return output.record(r, attended, residual);
        });
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x, Tensor residual, Tensor memory) {
    return r.scope(
        name,
        () -> {
          Tensor q = queries.reference(r, x);
          Tensor kv = keysAndValues.reference(r, memory);
          Tensor attended = attention.reference(r, q, kv, 0, (tape, head) -> head, null);
          return output.reference(r, attended, residual);
        });
  }
}
