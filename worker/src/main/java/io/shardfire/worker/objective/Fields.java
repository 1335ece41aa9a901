package io.shardfire.worker.objective;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.BatchSpans;
import java.util.Arrays;

/** Writes into the arrays of a batch's fields. */
final class Fields {
  /** A target that counts nothing. */
  static final float IGNORED = -1;

  private Fields() {}

  static void put(Span span, int at, float value) {
    span.arena().array()[span.offset() + at] = value;
  }

  static float get(Span span, int at) {
    return span.arena().array()[span.offset() + at];
  }

  /** Fills {@code from} to before {@code end}. */
  static void fill(Span span, int from, int end, float value) {
    Arrays.fill(span.arena().array(), span.offset() + from, span.offset() + end, value);
  }

  /** Lets the rows {@code from} to before {@code end} see an interval. */
  static void see(BatchSpans.Bounds bounds, int from, int end, int first, int behind) {
    fill(bounds.first(), from, end, first);
    fill(bounds.end(), from, end, behind);
  }
}
