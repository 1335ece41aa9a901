package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Alibi;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.AttentionMask;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.ops.RelativeBias;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Times attention. Counts the visible part of the score matrix only. */
final class AttentionBenchmark {
  private static final int TIME = 1024;
  private static final int BLOCK = 256;
  private static final int DECODE_BATCH = 16;

  private final KernelBenchmark bench;

  AttentionBenchmark(KernelBenchmark bench) {
    this.bench = bench;
  }

  void measureAll() {
    causal(new Attention.Shape(12, 64, 4, 32), 0f);
    causal(new Attention.Shape(4, 64, 12, 64), 0f);
    causal(new Attention.Shape(4, 256, 6, 64), 0f);
    causal(new Attention.Shape(4, 256, 6, 64), 0.1f);
    causal(new Attention.Shape(1, TIME, 12, 64), 0f);
    if (bench.large()) {
      causal(new Attention.Shape(DECODE_BATCH / 2, TIME, 12, 64), 0f);
    }
    bf16(AttentionShape.self(12, 64, 4, 32));
    bf16(AttentionShape.self(4, BLOCK, 6, 64));
    bf16(AttentionShape.self(1, TIME, 12, 64));
    AttentionShape shape = AttentionShape.self(1, TIME, 12, 64);
    double half = 0.5;
    flash("causal", shape, AttentionMask.CAUSAL, half, false);
    flash("full", shape, AttentionMask.FULL, 1, false);
    flash(
        "grouped", new AttentionShape(1, TIME, TIME, 12, 4, 64), AttentionMask.CAUSAL, half, false);
    double windowed = (BLOCK - BLOCK * (BLOCK - 1.0) / 2 / TIME) / TIME;
    flash("window=" + BLOCK, shape, AttentionMask.CAUSAL.withWindow(BLOCK), windowed, false);
    flash("documents=" + BLOCK, shape, documents(), half * BLOCK / TIME, false);
    flash("alibi", shape, AttentionMask.CAUSAL, half, true);
    relativeBias(shape);
    weights(shape);
    decode(new AttentionShape(DECODE_BATCH, 1, TIME, 12, 4, 64));
    decode(new AttentionShape(DECODE_BATCH, 1, TIME, 12, 12, 64));
  }

  private void causal(Attention.Shape shape, float rate) {
    int rows = shape.batch() * shape.time();
    Span qkv = bench.span(3L * rows * shape.width());
    Span out = bench.span((long) rows * shape.width());
    Span lse = bench.span((long) rows * shape.heads());
    Span dout = bench.span((long) rows * shape.width());
    Span dqkv = bench.span(3L * rows * shape.width());
    Dropout.Mask mask = rate > 0 ? bench.mask(rate) : null;
    double product = 2.0 * rows * shape.time() / 2 * shape.width();
    String name =
        shape.batch() + "x" + shape.time() + " heads=" + shape.heads() + "x" + shape.headSize();
    String sizes = rate > 0 ? name + " dropout=" + rate : name;
    bench.flops(
        "Attention.forward",
        sizes,
        2 * product,
        recorder -> Attention.forward(recorder, shape, qkv, out, lse, mask));
    bench.flops(
        "Attention.backward",
        sizes,
        5 * product,
        recorder -> Attention.backward(recorder, shape, qkv, out, lse, dout, dqkv, mask));
  }

  /** Causal, of products in bf16. */
  private void bf16(AttentionShape shape) {
    AttentionOptions options =
        AttentionOptions.of(shape, AttentionMask.CAUSAL).withPrecision(Precision.BF16);
    String sizes =
        shape.batch() + "x" + shape.keys() + " heads=" + shape.heads() + "x" + shape.headSize();
    measure("Attention.%s bf16", sizes, options, 0.5);
  }

  private void flash(
      String name, AttentionShape shape, AttentionMask mask, double visible, boolean alibi) {
    AttentionOptions options = AttentionOptions.of(shape, mask);
    if (alibi) {
      Span bias = bench.span((long) shape.heads() * shape.distances());
      Alibi.write(shape, Alibi.slopes(shape.heads()), bias);
      options = options.withDistanceBias(bias);
    }
    measure("FlashAttention.%s", TIME + " " + name, options, visible);
  }

  /** Both passes, in a name with a place for which, of the visible share of the scores. */
  private void measure(String name, String sizes, AttentionOptions options, double visible) {
    AttentionShape shape = options.shape();
    Operands operands = operands(shape);
    double product = 2.0 * shape.queryRows() * shape.keys() * visible * shape.width();
    bench.flops(
        name.formatted("forward"),
        sizes,
        2 * product,
        recorder -> operands.forward(recorder, options));
    bench.flops(
        name.formatted("backward"),
        sizes,
        5 * product,
        recorder -> operands.backward(recorder, options, null));
  }

  /** T5's bias: spread over the distances before, its table's gradient gathered afterwards. */
  private void relativeBias(AttentionShape shape) {
    RelativeBias.Buckets buckets = new RelativeBias.Buckets(32, 128, true);
    Span bucketOfDistance = bench.span(shape.distances());
    buckets.write(shape, bucketOfDistance);
    Span table = bench.span((long) buckets.count() * shape.heads());
    Span gradTable = bench.span(table.length());
    Span bias = bench.span((long) shape.heads() * shape.distances());
    Span gradBias = bench.span((long) shape.batch() * bias.length());
    AttentionOptions options =
        AttentionOptions.of(shape, AttentionMask.FULL).withDistanceBias(bias);
    Operands operands = operands(shape);
    double product = 2.0 * shape.queryRows() * shape.keys() * shape.width();
    bench.flops(
        "FlashAttention.forward",
        TIME + " T5 bias",
        2 * product,
        recorder -> {
          RelativeBias.forward(recorder, shape, buckets, bucketOfDistance, table, bias);
          operands.forward(recorder, options);
        });
    bench.flops(
        "FlashAttention.backward",
        TIME + " T5 bias",
        5 * product,
        recorder -> {
          operands.backward(recorder, options, gradBias);
          RelativeBias.backward(
              recorder, shape, buckets, bucketOfDistance, gradBias, gradTable, false);
        });
  }

  private void weights(AttentionShape shape) {
    AttentionOptions options = AttentionOptions.of(shape, AttentionMask.FULL);
    Operands operands = operands(shape);
    MatMul.Matrix q = operands.inputs().q();
    MatMul.Matrix k = operands.inputs().k();
    Span logSumExp = operands.outputs().logSumExp();
    Span weights = bench.span((long) shape.queryRows() * shape.heads() * shape.keys());
    double product = 2.0 * shape.queryRows() * shape.keys() * shape.width();
    bench.flops(
        "FlashAttention.weights",
        TIME + " full",
        product,
        recorder -> FlashAttention.weights(recorder, options, q, k, logSumExp, weights));
  }

  private record Operands(
      FlashAttention.Inputs inputs,
      FlashAttention.Outputs outputs,
      MatMul.Matrix gradOut,
      FlashAttention.Inputs gradients) {
    void forward(CommandRecorder recorder, AttentionOptions options) {
      FlashAttention.forward(recorder, options, inputs, outputs);
    }

    void backward(CommandRecorder recorder, AttentionOptions options, Span gradBias) {
      FlashAttention.backward(recorder, options, inputs, outputs, gradOut, gradients, gradBias);
    }
  }

  private Operands operands(AttentionShape shape) {
    return new Operands(
        inputs(shape),
        new FlashAttention.Outputs(
            matrix(shape.queryRows(), shape.width()),
            bench.span((long) shape.queryRows() * shape.heads())),
        matrix(shape.queryRows(), shape.width()),
        inputs(shape));
  }

  private AttentionMask documents() {
    Span first = bench.span(TIME);
    Span end = bench.span(TIME);
    int[] lengths = new int[TIME / BLOCK];
    Arrays.fill(lengths, BLOCK);
    AttentionMask.writeDocuments(lengths, first, end);
    return AttentionMask.CAUSAL.withDocuments(first, null);
  }

  /**
   * As many layers of a model as read what the copy reads and writes, each with its own cache.
   * Counts the bytes of the caches.
   */
  private void decode(AttentionShape shape) {
    AttentionOptions options = AttentionOptions.of(shape, AttentionMask.CAUSAL);
    int batch = shape.batch();
    int cacheFloats = shape.keyRows() * shape.kvWidth();
    int layers = Math.max(1, KernelBenchmark.ELEMENTS / cacheFloats);
    List<CachedAttention.Cache> caches = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      caches.add(new CachedAttention.Cache(bench.span(cacheFloats), bench.span(cacheFloats)));
    }
    FlashAttention.Inputs inputs =
        new FlashAttention.Inputs(
            matrix(batch, shape.width()),
            matrix(batch, shape.kvWidth()),
            matrix(batch, shape.kvWidth()));
    MatMul.Matrix out = matrix(batch, shape.width());
    Span positions = bench.span(batch);
    Arrays.fill(
        positions.arena().array(),
        positions.offset(),
        positions.offset() + batch,
        shape.keys() - 1);
    positions.upload();
    CommandBuffer commands =
        bench.record(
            recorder -> {
              for (CachedAttention.Cache cache : caches) {
                CachedAttention.decode(recorder, options, inputs, cache, positions, out);
              }
            });
    String sizes = batch + "x" + shape.keys() + " heads=" + shape.heads() + "/" + shape.kvHeads();
    bench.floats("CachedAttention.decode", sizes, 2.0 * cacheFloats, 0, commands, layers);
  }

  private FlashAttention.Inputs inputs(AttentionShape shape) {
    return new FlashAttention.Inputs(
        matrix(shape.queryRows(), shape.width()),
        matrix(shape.keyRows(), shape.kvWidth()),
        matrix(shape.keyRows(), shape.kvWidth()));
  }

  private MatMul.Matrix matrix(int rows, int columns) {
    return new MatMul.Matrix(bench.span((long) rows * columns), columns);
  }
}
