package io.shardfire.worker.objective;

/**
 * How many tokens of a stretch are cut out, in how many spans, and what that makes of it (Raffel et
 * al., 2020):
 *
 * <pre>
 *   stretch   t0 t1 t2 t3 t4 t5 t6 t7          spans: t2 t3 | t6
 *   source    t0 t1 &lt;0&gt; t4 t5 &lt;1&gt; t7 end       what stays, a sentinel for each span
 *   target    &lt;0&gt; t2 t3 &lt;1&gt; t6 end             each sentinel, and what was cut out
 * </pre>
 *
 * @param stretch tokens of the corpus
 * @param noise tokens that are cut out
 * @param spans in which they stand
 */
record SpanLengths(int stretch, int noise, int spans) {
  /** Of a stretch of {@code tokens}, at least 2; something is cut out, and something stays. */
  static SpanLengths ofStretch(int tokens, double share, double meanSpan) {
    int noise = (int) Math.min(Math.max(Math.round(tokens * share), 1), tokens - 1);
    int most = Math.min(noise, tokens - noise);
    int spans = (int) Math.min(Math.max(Math.round(noise / meanSpan), 1), most);
    return new SpanLengths(tokens, noise, spans);
  }

  /**
   * Of the longest stretch whose source has at most {@code source} tokens.
   *
   * @throws IllegalArgumentException when not even two tokens fit
   */
  static SpanLengths of(int source, double share, double meanSpan) {
    if (source < 3) {
      throw new IllegalArgumentException(
          "A source holds a token, a sentinel and an end; set model.context to 3 or more: context="
              + source);
    }
    SpanLengths longest = ofStretch(2, share, meanSpan);
    for (SpanLengths next = longest; next.source() <= source; ) {
      longest = next;
      next = ofStretch(next.stretch + 1, share, meanSpan);
    }
    return longest;
  }

  /** Tokens of the source, with its end. */
  int source() {
    return stretch - noise + spans + 1;
  }

  /** Tokens of the target, with its end. */
  int target() {
    return noise + spans + 1;
  }
}
