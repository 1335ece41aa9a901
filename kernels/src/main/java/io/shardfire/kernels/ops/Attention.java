package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/**
 * Causal self-attention of one packed matrix, the common case of {@link FlashAttention}: packed q,
 * k, v rows of width 3*heads*headSize (q first), head h at h*headSize. Any time; headSize 8 to 256.
 */
public final class Attention {
  private static final int MIN_HEAD_SIZE = 8;
  private static final int MAX_HEAD_SIZE = 256;

  private Attention() {}

  /** Sizes of one call. */
  public record Shape(int batch, int time, int heads, int headSize) {
    /** Checks the sizes. */
    public Shape {
      new Operands("Attention.Shape")
          .positive("batch", batch)
          .positive("time", time)
          .positive("heads", heads)
          .require(
              headSize >= MIN_HEAD_SIZE && headSize <= MAX_HEAD_SIZE,
              "must be from 8 to 256",
              "headSize",
              headSize);
    }

    private AttentionShape general() {
      return AttentionShape.self(batch, time, heads, headSize);
    }

    /** Model width. */
    public int width() {
      return heads * headSize;
    }
  }

  /**
   * qkv[batch*time, 3*width] to out[batch*time, width]; saves logSumExp[batch, heads, time]. {@code
   * dropout} may be null.
   */
  public static void forward(
      CommandRecorder recorder,
      Shape shape,
      Span qkv,
      Span out,
      Span logSumExp,
      Dropout.Mask dropout) {
    long rows = (long) shape.batch() * shape.time();
    check("Attention.forward", shape, qkv, logSumExp)
        .holds("out", out, rows * shape.width())
        .disjoint("qkv", qkv, "out", out)
        .disjoint("qkv", qkv, "logSumExp", logSumExp)
        .disjoint("out", out, "logSumExp", logSumExp);
    FlashAttention.forward(
        recorder,
        options(shape, dropout),
        packed(shape, qkv),
        new FlashAttention.Outputs(new MatMul.Matrix(out, shape.width()), logSumExp));
  }

  /** Overwrites gradQkv from gradOut and what forward saved. */
  public static void backward(
      CommandRecorder recorder,
      Shape shape,
      Span qkv,
      Span out,
      Span logSumExp,
      Span gradOut,
      Span gradQkv,
      Dropout.Mask dropout) {
    long rows = (long) shape.batch() * shape.time();
    check("Attention.backward", shape, qkv, logSumExp)
        .holds("out", out, rows * shape.width())
        .holds("gradOut", gradOut, rows * shape.width())
        .holds("gradQkv", gradQkv, 3 * rows * shape.width())
        .disjoint("gradQkv", gradQkv, "qkv", qkv)
        .disjoint("gradQkv", gradQkv, "out", out)
        .disjoint("gradQkv", gradQkv, "gradOut", gradOut)
        .disjoint("gradQkv", gradQkv, "logSumExp", logSumExp);
    FlashAttention.backward(
        recorder,
        options(shape, dropout),
        packed(shape, qkv),
        new FlashAttention.Outputs(new MatMul.Matrix(out, shape.width()), logSumExp),
        new MatMul.Matrix(gradOut, shape.width()),
        packed(shape, gradQkv),
        null);
  }

  /**
   * One decoding step with a key-value cache, batch 1: reads qkv[3*width] of the newest position p
   * (float value in {@code position}), appends k and v to cache rows p (keyCache, valueCache
   * [maxTime, width]) and writes out[width].
   */
  public static void decode(
      CommandRecorder recorder,
      int maxTime,
      int heads,
      int headSize,
      Span qkv,
      Span keyCache,
      Span valueCache,
      Span position,
      Span out) {
    AttentionShape shape = new AttentionShape(1, 1, maxTime, heads, heads, headSize);
    new Operands("Attention.decode").holds("qkv", qkv, 3L * shape.width());
    CachedAttention.decode(
        recorder,
        AttentionOptions.of(shape, AttentionMask.CAUSAL),
        FlashAttention.Inputs.packed(shape, qkv.slice(0, 3 * shape.width())),
        new CachedAttention.Cache(keyCache, valueCache),
        position,
        new MatMul.Matrix(out, shape.width()));
  }

  private static Operands check(String operation, Shape shape, Span qkv, Span logSumExp) {
    long rows = (long) shape.batch() * shape.time();
    return new Operands(operation)
        .holds("qkv", qkv, 3 * rows * shape.width())
        .holds("logSumExp", logSumExp, rows * shape.heads());
  }

  private static AttentionOptions options(Shape shape, Dropout.Mask dropout) {
    return AttentionOptions.of(shape.general(), AttentionMask.CAUSAL).withDropout(dropout);
  }

  private static FlashAttention.Inputs packed(Shape shape, Span qkv) {
    return FlashAttention.Inputs.packed(shape.general(), qkv);
  }
}
