package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;
import java.util.Arrays;

/**
 * Which keys a query sees: those that every part of the mask lets through. The last query stands at
 * the position of the last key: query i at p = i + keys - queries.
 *
 * <pre>
 *   causal     j ≤ p
 *   window w   p - w &lt; j ≤ p, or without causality |p - j| &lt; w     (Beltagy et al., 2020)
 *   lengths    j &lt; lengths[b]                   padding behind the end of a sequence
 *   documents  firstKeys[b, i] ≤ j &lt; endKeys[b, i]
 * </pre>
 *
 * All of these are intervals of keys, so blocks outside are skipped. A query that sees no key gets
 * zeros, and so do its gradients. The spans hold whole numbers as floats; values outside [0, keys]
 * mean the nearest end.
 *
 * @param causal whether keys behind the query are hidden
 * @param window width of the sliding window, 0 for none
 * @param lengths keys of each batch row [batch], or null: all
 * @param firstKeys first visible key of each query [batch, queries], or null: 0
 * @param endKeys one past the last visible key of each query [batch, queries], or null: keys
 */
public record AttentionMask(
    boolean causal, int window, Span lengths, Span firstKeys, Span endKeys) {
  /** Every key. */
  public static final AttentionMask FULL = new AttentionMask(false, 0, null, null, null);

  /** Keys up to the query. */
  public static final AttentionMask CAUSAL = new AttentionMask(true, 0, null, null, null);

  /** Checks the window. */
  public AttentionMask {
    new Operands("AttentionMask").atLeast("window", window, 0);
  }

  /** Also a sliding window. */
  public AttentionMask withWindow(int width) {
    new Operands("AttentionMask").positive("window", width);
    return new AttentionMask(causal, width, lengths, firstKeys, endKeys);
  }

  /** Also a number of keys per batch row. */
  public AttentionMask withLengths(Span keysOfRow) {
    return new AttentionMask(causal, window, keysOfRow, firstKeys, endKeys);
  }

  /**
   * Also an interval of keys per query: the document it belongs to, in packed sequences. A causal
   * mask needs no {@code end}.
   */
  public AttentionMask withDocuments(Span first, Span end) {
    return new AttentionMask(causal, window, lengths, first, end);
  }

  /**
   * Writes the document boundaries of one packed batch row for self-attention; call between runs.
   *
   * @param documentLengths lengths of the documents in order; what is left of the row becomes
   *     padding that sees nothing
   * @param first floats of this row [queries]
   * @param end floats of this row [queries]
   */
  public static void writeDocuments(int[] documentLengths, Span first, Span end) {
    Operands operands =
        new Operands("AttentionMask.writeDocuments").exactly("end", end, first.length());
    int start = 0;
    for (int length : documentLengths) {
      operands
          .atLeast("documentLength", length, 0)
          .require(
              length <= first.length() - start,
              "must fit into the row of " + first.length(),
              "sum of documentLengths",
              (long) start + length);
      fill(first, start, length, start);
      fill(end, start, length, start + length);
      start += length;
    }
    fill(first, start, first.length() - start, 0);
    fill(end, start, first.length() - start, 0);
  }

  private static void fill(Span span, int from, int count, int value) {
    int begin = span.offset() + from;
    Arrays.fill(span.arena().array(), begin, begin + count, value);
    span.slice(from, count).upload();
  }
}
