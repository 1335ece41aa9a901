package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;

/**
 * Causal self-attention, flash-style; packed q, k, v rows of width 3*heads*headSize (q first), head
 * h at h*headSize. Any time; headSize 16 to 256, a multiple of 8.
 */
public final class Attention {
  private Attention() {}

  /** Sizes of one call. */
  public record Shape(int batch, int time, int heads, int headSize) {
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
    throw new UnsupportedOperationException("skeleton");
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
    throw new UnsupportedOperationException("skeleton");
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
    throw new UnsupportedOperationException("skeleton");
  }
}
