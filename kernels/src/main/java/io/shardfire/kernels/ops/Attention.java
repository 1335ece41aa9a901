package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/**
 * Causal self-attention, flash-style; packed q, k, v rows of width 3*heads*headSize (q first), head
 * h at h*headSize. Any time; headSize 8 to 256, a multiple of 8.
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
              headSize >= MIN_HEAD_SIZE
                  && headSize <= MAX_HEAD_SIZE
                  && headSize % MIN_HEAD_SIZE == 0,
              "must be a multiple of 8 from 8 to 256",
              "headSize",
              headSize);
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
    Operands operands = check("Attention.forward", shape, qkv, logSumExp);
    operands
        .holds("out", out, rows * shape.width())
        .disjoint("qkv", qkv, "out", out)
        .disjoint("qkv", qkv, "logSumExp", logSumExp)
        .disjoint("out", out, "logSumExp", logSumExp);
    int keys = shape.headSize() <= 64 ? 256 : shape.headSize() <= 128 ? 128 : 64;
    long tiles = (long) shape.batch() * shape.heads() * Operands.tiles(shape.time(), keys);
    Command command =
        Command.of(Opcode.ATTENTION_FORWARD, tiles)
            .read(qkv.slice(0, (int) (3 * rows * shape.width())))
            .write(out.slice(0, (int) (rows * shape.width())))
            .write(logSumExp.slice(0, (int) (rows * shape.heads())));
    recorder.add(append(Dropout.append(command, dropout), shape));
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
    Operands operands = check("Attention.backward", shape, qkv, logSumExp);
    operands
        .holds("out", out, rows * shape.width())
        .holds("gradOut", gradOut, rows * shape.width())
        .holds("gradQkv", gradQkv, 3 * rows * shape.width())
        .disjoint("gradQkv", gradQkv, "qkv", qkv)
        .disjoint("gradQkv", gradQkv, "out", out)
        .disjoint("gradQkv", gradQkv, "gradOut", gradOut)
        .disjoint("gradQkv", gradQkv, "logSumExp", logSumExp);
    Command command =
        Command.of(Opcode.ATTENTION_BACKWARD, (long) shape.batch() * shape.heads())
            .read(qkv.slice(0, (int) (3 * rows * shape.width())))
            .read(out.slice(0, (int) (rows * shape.width())))
            .read(logSumExp.slice(0, (int) (rows * shape.heads())))
            .read(gradOut.slice(0, (int) (rows * shape.width())))
            .write(gradQkv.slice(0, (int) (3 * rows * shape.width())));
    recorder.add(append(Dropout.append(command, dropout), shape));
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

  private static Command append(Command command, Shape shape) {
    return command
        .integer(shape.batch())
        .integer(shape.time())
        .integer(shape.heads())
        .integer(shape.headSize())
        .real(scale(shape.headSize()));
  }

  private static float scale(int headSize) {
    return (float) (1 / Math.sqrt(headSize));
  }
}
