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
 * @param cache of decoding
 */
public record CrossAttention(
    String name,
    ScaledDotProduct attention,
    Linear queries,
    PackedLinear keysAndValues,
    Projection output,
    SourceCache cache) {
  /** What the module is called in every model. */
  public static final String NAME = "crossAttention";

  /**
   * x[M,D] attended to a source, plus residual[M,D].
   *
   * @param memory the encoder's output [source rows, D]; when decoding null, as the cache has it
   */
  public Value record(Recording r, Value x, Value residual, Value memory) {
    return r.scope(
        name,
        () -> {
          Value q = queries.record(r, x);
          Value kv =
              r.pass().decodes() ? cache.ofSequences(r, width()) : keysAndValues.record(r, memory);
          Value attended = attention.record(r, new ScaledDotProduct.Inputs(q, kv, 0), null);
          return output.record(r, attended, residual);
        });
  }

  /** Keeps the keys and values of a source for decoding. */
  void keep(Recording r, Value memory) {
    r.scope(name, () -> keysAndValues.into(r, memory, cache.ofEncoded(r, width(), memory.rows())));
  }

  private int width() {
    return keysAndValues.outputs();
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
