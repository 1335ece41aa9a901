package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * Attention of a sequence to itself: H query heads over G key-value heads of S dims.
 *
 * @param attention the sizes, and what sees what
 * @param input x to queries, keys and values side by side [M, (H+2G)S]
 * @param output [M, HS] to D, joining the residual stream
 * @param rotary turns queries and keys by their positions; or null
 * @param cache of decoding
 */
public record SelfAttention(
    String name,
    ScaledDotProduct attention,
    PackedLinear input,
    Projection output,
    Rotary rotary,
    KeyValueCache cache) {

  /** x[M,D] attended, plus residual[M,D]; biases may be null. */
  public Value record(Recording r, Value x, Value residual, DistanceBias.Recorded biases) {
    return r.scope(
        name,
        () -> {
          Value qkv = input.record(r, x);
          AttentionShape shape = attention.shape();
          if (rotary != null) {
            rotary.record(r, qkv, shape.queries(), shape.heads() + shape.kvHeads());
          }
          Value attended =
              r.pass().decodes()
                  ? cache.attend(
                      r,
                      shape,
                      qkv,
                      attention.reads(biases, -1, List.of()),
                      spans -> attention.options(spans, biases, -1))
                  : attention.record(
                      r, new ScaledDotProduct.Inputs(qkv, qkv, shape.width()), biases);
          return output.record(r, attended, residual);
        });
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x, Tensor residual, List<Tensor> biases) {
    return r.scope(
        name,
        () -> {
          Tensor qkv = input.reference(r, x);
          ScaledDotProduct.Turn turn = rotary == null ? (tape, head) -> head : rotary::reference;
          Tensor attended =
              attention.reference(r, qkv, qkv, attention.shape().width(), turn, biases);
          return output.reference(r, attended, residual);
        });
  }
}
