package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;

/**
 * What {@link FlashAttention} computes: softmax(scale q·k + bias, where visible) v.
 *
 * @param shape the sizes
 * @param mask which keys a query sees
 * @param scale factor of the scores, positive; 1/sqrt(headSize) is usual, T5 has 1
 * @param distanceBias added to the scaled scores by head and distance, [heads, queries + keys - 1],
 *     entry keys - 1 + (j - p) for key j and a query at position p (see {@link AttentionMask}); or
 *     null. {@link Alibi} and {@link RelativeBias} fill it
 * @param dropout of the attention weights, or null; row (b heads + h) queries + i, column j
 * @param precision to which the operands of the products are rounded on CPU devices, if BF16: q, k,
 *     v and the gradient of out, the weights and the gradients of the scores. With FP16, and in GPU
 *     forms, {@link FlashAttention#weights} and decoding, they are not rounded
 */
public record AttentionOptions(
    AttentionShape shape,
    AttentionMask mask,
    float scale,
    Span distanceBias,
    Dropout.Mask dropout,
    Precision precision) {
  /** Checks the operands the options name. */
  public AttentionOptions {
    Operands operands =
        new Operands("AttentionOptions")
            .require(scale > 0 && Float.isFinite(scale), "must be positive", "scale", scale);
    long queryRows = (long) shape.batch() * shape.queries();
    if (mask.lengths() != null) {
      operands.holds("lengths", mask.lengths(), shape.batch());
    }
    if (mask.firstKeys() != null) {
      operands.holds("firstKeys", mask.firstKeys(), queryRows);
    }
    if (mask.endKeys() != null) {
      operands.holds("endKeys", mask.endKeys(), queryRows);
    }
    if (distanceBias != null) {
      operands.holds("distanceBias", distanceBias, (long) shape.heads() * shape.distances());
    }
  }

  /** Scale 1/sqrt(headSize), no positional term, no dropout. */
  public static AttentionOptions of(AttentionShape shape, AttentionMask mask) {
    return new AttentionOptions(
        shape, mask, (float) (1 / Math.sqrt(shape.headSize())), null, null, Precision.FP32);
  }

  /** As a reader of a profile knows it. */
  String sizes() {
    return shape.batch()
        + "x"
        + shape.queries()
        + "x"
        + shape.keys()
        + " heads="
        + shape.heads()
        + "x"
        + shape.headSize();
  }

  /**
   * Multiply-adds of products of the size of the scores, over what causality and the window let
   * through.
   */
  long multiplyAdds(int products) {
    long pairs = 0;
    for (int query = 0; query < shape.queries(); query++) {
      pairs += visibleKeys(query + shape.keys() - shape.queries());
    }
    return products * pairs * shape.batch() * shape.width();
  }

  private int visibleKeys(int position) {
    int reach = mask.window() == 0 ? shape.distances() : mask.window();
    int first = Math.max(0, position - reach + 1);
    int end = Math.min(shape.keys(), mask.causal() ? position + 1 : position + reach);
    return Math.max(0, end - first);
  }

  /** With another factor of the scores. */
  public AttentionOptions withScale(float factor) {
    return new AttentionOptions(shape, mask, factor, distanceBias, dropout, precision);
  }

  /** With a positional term. */
  public AttentionOptions withDistanceBias(Span bias) {
    return new AttentionOptions(shape, mask, scale, bias, dropout, precision);
  }

  /** With dropout of the weights. */
  public AttentionOptions withDropout(Dropout.Mask weights) {
    return new AttentionOptions(shape, mask, scale, distanceBias, weights, precision);
  }

  /** With products of another precision. */
  public AttentionOptions withPrecision(Precision other) {
    return new AttentionOptions(shape, mask, scale, distanceBias, dropout, other);
  }
}
