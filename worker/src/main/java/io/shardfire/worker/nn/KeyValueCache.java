package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Keys and values of the tokens so far of each block, [sequences * context, GS] both, which last
 * from pass to pass.
 *
 * @param batch which sequences a pass goes on with, and from which position
 */
public record KeyValueCache(TokenBatch batch) {

  /**
   * Appends the keys and values of a pass, and attends to all so far.
   *
   * @param shape batch and new tokens, and as many keys as the context
   * @param qkv queries, keys and values side by side [M, (H+2G)S]
   * @param reads what the options use
   * @param options of a call, once its operands have their places
   * @return [M, HS]
   */
  Value attend(
      Recording r,
      AttentionShape shape,
      Value qkv,
      List<Operand> reads,
      Function<Spans, AttentionOptions> options) {
    TokenBatch.Cached cached = batch.cached();
    int rows = Math.multiplyExact(cached.count(), shape.keys());
    Value keys = r.state("keys", rows, shape.kvWidth());
    Value values = r.state("values", rows, shape.kvWidth());
    Value out = r.activation("attended", qkv.rows(), shape.width());
    List<Operand> operands = new ArrayList<>(reads);
    operands.addAll(List.of(qkv, batch.position(), keys, values));
    if (r.pass().decodesOne()) {
      r.emit(
          out.name(),
          operands,
          List.of(out, keys, values),
          (recorder, spans) ->
              CachedAttention.decode(
                  recorder,
                  options.apply(spans),
                  FlashAttention.Inputs.packed(shape, spans.of(qkv)),
                  new CachedAttention.Cache(spans.of(keys), spans.of(values)),
                  spans.of(batch.position()),
                  new Matrix(spans.of(out), shape.width())));
      return out;
    }
    Value logSumExp = r.value("logSumExp", qkv.rows(), shape.heads());
    operands.addAll(List.of(cached.sequence(), cached.end()));
    r.emit(
        out.name(),
        operands,
        List.of(out, logSumExp, keys, values),
        (recorder, spans) ->
            CachedAttention.extend(
                recorder,
                options.apply(spans),
                cached.count(),
                FlashAttention.Inputs.packed(shape, spans.of(qkv)),
                new CachedAttention.Cache(spans.of(keys), spans.of(values)),
                new CachedAttention.Places(
                    spans.of(cached.sequence()),
                    spans.of(batch.position()),
                    spans.of(cached.end())),
                new FlashAttention.Outputs(
                    new Matrix(spans.of(out), shape.width()), spans.of(logSumExp))));
    return out;
  }
}
