package io.shardfire.kernels.ops;

/**
 * Sizes of one call of {@link FlashAttention}. B batch, Tq queries, Tk keys, H heads, G key-value
 * heads, S head size.
 *
 * <pre>
 *   q, out [B Tq, H S]     k, v [B Tk, G S]     query head h uses key-value head h G / H
 * </pre>
 *
 * G = H is multi-head, G = 1 multi-query (Shazeer, 2019), anything between grouped-query attention
 * (Ainslie et al., 2023).
 *
 * @param batch B, at least 1
 * @param queries Tq, at least 1
 * @param keys Tk, at least 1
 * @param heads H, at least 1
 * @param kvHeads G, a divisor of H
 * @param headSize S, from 8 to 256; multiples of the vector width, 8 or 16, compute fastest
 */
public record AttentionShape(
    int batch, int queries, int keys, int heads, int kvHeads, int headSize) {
  private static final int MIN_HEAD_SIZE = 8;
  private static final int MAX_HEAD_SIZE = 256;

  /** Checks the sizes. */
  public AttentionShape {
    new Operands("AttentionShape")
        .positive("batch", batch)
        .positive("queries", queries)
        .positive("keys", keys)
        .positive("heads", heads)
        .positive("kvHeads", kvHeads)
        .require(heads % kvHeads == 0, "must divide heads=" + heads, "kvHeads", kvHeads)
        .require(
            headSize >= MIN_HEAD_SIZE && headSize <= MAX_HEAD_SIZE,
            "must be from 8 to 256",
            "headSize",
            headSize)
        .require(
            (long) queries + keys <= 1 << 30, "must be at most 2^30 with keys", "queries", queries);
  }

  /** Self-attention with as many key-value heads as heads. */
  public static AttentionShape self(int batch, int time, int heads, int headSize) {
    return new AttentionShape(batch, time, time, heads, heads, headSize);
  }

  /** Columns of q and out. */
  public int width() {
    return Math.multiplyExact(heads, headSize);
  }

  /** Columns of k and v. */
  public int kvWidth() {
    return Math.multiplyExact(kvHeads, headSize);
  }

  /** Rows of q and out. */
  public int queryRows() {
    return Math.multiplyExact(batch, queries);
  }

  /** Rows of k and v. */
  public int keyRows() {
    return Math.multiplyExact(batch, keys);
  }

  /** Differences between the position of a key and that of a query. */
  public int distances() {
    return queries + keys - 1;
  }
}
