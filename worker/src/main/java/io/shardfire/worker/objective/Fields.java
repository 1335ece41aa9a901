package io.shardfire.worker.objective;

import io.shardfire.worker.nn.BatchSpans;

/** Writes into the arrays of a batch's fields. */
final class Fields {
  /** A target that counts nothing. */
  static final float IGNORED = -1;

  private Fields() {}

  /** Lets the rows {@code from} to before {@code end} see an interval. */
  static void see(BatchSpans.Bounds bounds, int from, int end, int first, int behind) {
    bounds.first().fill(from, end, first);
    bounds.end().fill(from, end, behind);
  }
}
