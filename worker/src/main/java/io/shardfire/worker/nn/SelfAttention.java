package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.kernels.ops.MatMul.Matrix;
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
 * @param position where decoding stands [1,1]
 */
public record SelfAttention(
    String name,
    ScaledDotProduct attention,
    PackedLinear input,
    Projection output,
    Rotary rotary,
    Value position) {

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
          ScaledDotProduct.Inputs inputs = new ScaledDotProduct.Inputs(qkv, qkv, shape.width());
          Value attended =
              r.pass().decodes() ? decode(r, inputs, biases) : attention.record(r, inputs, biases);
          return output.record(r, attended, residual);
        });
  }

  private Value decode(Recording r, ScaledDotProduct.Inputs inputs, DistanceBias.Recorded biases) {
    AttentionShape shape = attention.shape();
    Value qkv = inputs.queries();
    Value keys = r.state("keys", shape.keys(), shape.kvWidth());
    Value values = r.state("values", shape.keys(), shape.kvWidth());
    Value out = r.value("attended", qkv.rows(), shape.width());
    r.emit(
        out.name(),
        attention.reads(biases, -1, List.of(qkv, position, keys, values)),
        List.of(out, keys, values),
        (recorder, spans) ->
            CachedAttention.decode(
                recorder,
                attention.options(spans, biases, -1),
                inputs.matrices(spans, qkv, qkv, shape.kvWidth()),
                new CachedAttention.Cache(spans.of(keys), spans.of(values)),
                spans.of(position),
                new Matrix(spans.of(out), shape.width())));
    return out;
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
