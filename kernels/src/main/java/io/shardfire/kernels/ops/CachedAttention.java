package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/** Decoding with a cache of keys and values: one new position per batch row and step. */
public final class CachedAttention {
  /** Query heads that may share a key-value head: their scores lie in local memory. */
  private static final int MAX_GROUP = 64;

  private CachedAttention() {}

  /** Keys and values so far, each [batch, maxTime, kvHeads*headSize]. */
  public record Cache(Span keys, Span values) {}

  /**
   * Writes k and v of the newest position p of each batch row to row p of its cache, then attends
   * to positions up to p. Tiles are key-value heads of a batch row: fewer than threads leave some
   * idle.
   *
   * @param options a shape of one query and maxTime keys; of the mask only causality, the window
   *     and firstKeys [batch] (prompts padded on the left); no dropout. The distance bias is
   *     [heads, maxTime], entry maxTime - 1 - (p - j)
   * @param inputs q[batch, heads*headSize], k and v[batch, kvHeads*headSize]
   * @param positions p of each batch row as a whole number [batch]; one outside the cache makes its
   *     row of out NaN
   * @param out [batch, heads*headSize]
   */
  public static void decode(
      CommandRecorder recorder,
      AttentionOptions options,
      FlashAttention.Inputs inputs,
      Cache cache,
      Span positions,
      MatMul.Matrix out) {
    AttentionShape shape = options.shape();
    AttentionMask mask = options.mask();
    int batch = shape.batch();
    int group = shape.heads() / shape.kvHeads();
    String operation = "CachedAttention.decode";
    new Operands(operation)
        .require(shape.queries() == 1, "must be 1", "queries", shape.queries())
        .require(group <= MAX_GROUP, "must be at most " + MAX_GROUP, "heads/kvHeads", group)
        .require(mask.causal(), "must be true", "causal", mask.causal())
        .require(mask.lengths() == null, "cannot be used here", "lengths", mask.lengths())
        .require(mask.endKeys() == null, "cannot be used here", "endKeys", mask.endKeys())
        .require(options.dropout() == null, "cannot be used here", "dropout", options.dropout());
    int cacheFloats = Math.multiplyExact(shape.keyRows(), shape.kvWidth());
    Bands bands =
        new Bands(operation)
            .reads("q", inputs.q(), batch, shape.width())
            .reads("k", inputs.k(), batch, shape.kvWidth())
            .reads("v", inputs.v(), batch, shape.kvWidth())
            .reads("positions", positions, batch);
    FlashAttention.checkOptions(bands, options)
        .writes("keyCache", cache.keys(), cacheFloats)
        .writes("valueCache", cache.values(), cacheFloats)
        .writes("out", out, batch, shape.width());
    Command command =
        Command.of(Opcode.ATTENTION_DECODE, Math.multiplyExact(batch, shape.kvHeads()));
    Bands.read(command, inputs.q(), batch, shape.width());
    Bands.read(command, inputs.k(), batch, shape.kvWidth());
    Bands.read(command, inputs.v(), batch, shape.kvWidth());
    Bands.write(command, out, batch, shape.width()).absent();
    FlashAttention.appendOptions(command, options);
    recorder.add(
        FlashAttention.appendStrides(command, inputs, out.stride())
            .write(cache.keys().slice(0, cacheFloats))
            .write(cache.values().slice(0, cacheFloats))
            .read(positions.slice(0, batch)));
  }
}
