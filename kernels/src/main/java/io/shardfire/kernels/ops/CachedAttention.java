package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/**
 * Causal attention of sequences that grow, with a cache of their keys and values: {@link #extend}
 * by many positions of a sequence at once, {@link #decode} by one of each.
 */
public final class CachedAttention {
  /** Query heads that may share a key-value head: their scores lie in local memory. */
  private static final int MAX_GROUP = 64;

  /** Rows that a tile copies, as in common/attention/cache.cl. */
  private static final int COPY_ROWS = 16;

  private CachedAttention() {}

  /** Keys and values so far, each [sequences, maxTime, kvHeads*headSize]. */
  public record Cache(Span keys, Span values) {}

  /**
   * Where new positions go, whole numbers read at run time. What does not fit into the cache is
   * left out.
   *
   * @param sequences number in the cache of the sequence of each batch row [batch]
   * @param starts first new position of each batch row [batch]
   * @param ends one past the last [batch]; queries behind it are padding
   */
  public record Places(Span sequences, Span starts, Span ends) {}

  /**
   * Writes k and v of new positions to the cache, then attends to all positions up to each of them,
   * in the blocks and the order of {@link FlashAttention}. Outputs of padding are left as they are.
   *
   * @param options a shape of the new positions and maxTime keys; of the mask only causality and
   *     the window; no dropout. The distance bias is [heads, queries + maxTime - 1], entry maxTime
   *     - 1 + (j - p)
   * @param sequences that the cache holds
   * @param inputs q[batch*queries, heads*headSize], k and v[batch*queries, kvHeads*headSize]
   */
  public static void extend(
      CommandRecorder recorder,
      AttentionOptions options,
      int sequences,
      FlashAttention.Inputs inputs,
      Cache cache,
      Places places,
      FlashAttention.Outputs outputs) {
    AttentionShape shape = options.shape();
    String operation = "CachedAttention.extend";
    int batch = shape.batch();
    int rows = shape.queryRows();
    int cacheRows = Math.multiplyExact(sequences, shape.keys());
    int cacheFloats = Math.multiplyExact(cacheRows, shape.kvWidth());
    requirePlain(operation, options)
        .require(options.mask().firstKeys() == null, "cannot be used here", "firstKeys", "given");
    Bands bands =
        new Bands(operation)
            .reads("q", inputs.q(), rows, shape.width())
            .reads("k", inputs.k(), rows, shape.kvWidth())
            .reads("v", inputs.v(), rows, shape.kvWidth())
            .reads("sequences", places.sequences(), batch)
            .reads("starts", places.starts(), batch)
            .reads("ends", places.ends(), batch);
    FlashAttention.checkOptions(bands, options)
        .writes("keyCache", cache.keys(), cacheFloats)
        .writes("valueCache", cache.values(), cacheFloats)
        .writes("out", outputs.out(), rows, shape.width())
        .writes("logSumExp", outputs.logSumExp(), (long) rows * shape.heads());
    append(recorder, shape, sequences, inputs.k(), cache.keys(), places);
    append(recorder, shape, sequences, inputs.v(), cache.values(), places);
    Command command = Command.of(Opcode.ATTENTION_FORWARD, FlashAttention.forwardTiles(shape));
    MatMul.Matrix keys = new MatMul.Matrix(cache.keys(), shape.kvWidth());
    MatMul.Matrix values = new MatMul.Matrix(cache.values(), shape.kvWidth());
    Bands.read(command, inputs.q(), rows, shape.width());
    Bands.read(command, keys, cacheRows, shape.kvWidth());
    Bands.read(command, values, cacheRows, shape.kvWidth());
    Bands.write(command, outputs.out(), rows, shape.width())
        .write(outputs.logSumExp().slice(0, rows * shape.heads()));
    FlashAttention.appendOptions(command, options);
    FlashAttention.appendStrides(
        command, new FlashAttention.Inputs(inputs.q(), keys, values), outputs.out().stride());
    recorder.add(appendPlaces(command, places, batch).integer(sequences));
  }

  private static void append(
      CommandRecorder recorder,
      AttentionShape shape,
      int sequences,
      MatMul.Matrix x,
      Span cache,
      Places places) {
    int rows = shape.queryRows();
    int floats = sequences * shape.keys() * shape.kvWidth();
    Command command = Command.of(Opcode.CACHE_APPEND, rows);
    Bands.read(command, x, rows, shape.kvWidth()).write(cache.slice(0, floats));
    recorder.add(
        appendPlaces(command, places, shape.batch())
            .integer(shape.queries())
            .integer(shape.keys())
            .integer(shape.kvWidth())
            .integer(x.stride())
            .integer(sequences));
  }

  private static Command appendPlaces(Command command, Places places, int batch) {
    return command
        .read(places.sequences().slice(0, batch))
        .read(places.starts().slice(0, batch))
        .read(places.ends().slice(0, batch));
  }

  /**
   * Copies the first positions of sequences over others.
   *
   * @param cache keys or values [sequences, maxTime, width]
   * @param sources the sequence that each becomes a copy of [sequences], itself where it stays; one
   *     that is replaced is no source
   * @param lengths positions of each [sequences]
   */
  public static void copy(
      CommandRecorder recorder,
      Span cache,
      int sequences,
      int maxTime,
      int width,
      Span sources,
      Span lengths) {
    int rows = Math.multiplyExact(sequences, maxTime);
    new Operands("CachedAttention.copy")
        .positive("sequences", sequences)
        .positive("maxTime", maxTime)
        .positive("width", width)
        .holds("cache", cache, (long) rows * width)
        .holds("sources", sources, sequences)
        .holds("lengths", lengths, sequences)
        .disjoint("cache", cache, "sources", sources)
        .disjoint("cache", cache, "lengths", lengths);
    long tiles = (long) sequences * Operands.tiles(maxTime, COPY_ROWS);
    recorder.add(
        Command.of(Opcode.CACHE_COPY, tiles)
            .write(cache.slice(0, rows * width))
            .read(sources.slice(0, sequences))
            .read(lengths.slice(0, sequences))
            .integer(sequences)
            .integer(maxTime)
            .integer(width));
  }

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
    int batch = shape.batch();
    int group = shape.heads() / shape.kvHeads();
    String operation = "CachedAttention.decode";
    requirePlain(operation, options)
        .require(shape.queries() == 1, "must be 1", "queries", shape.queries())
        .require(group <= MAX_GROUP, "must be at most " + MAX_GROUP, "heads/kvHeads", group);
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

  private static Operands requirePlain(String operation, AttentionOptions options) {
    AttentionMask mask = options.mask();
    return new Operands(operation)
        .require(mask.causal(), "must be true", "causal", mask.causal())
        .require(mask.lengths() == null, "cannot be used here", "lengths", mask.lengths())
        .require(mask.endKeys() == null, "cannot be used here", "endKeys", mask.endKeys())
        .require(options.dropout() == null, "cannot be used here", "dropout", options.dropout());
  }
}
