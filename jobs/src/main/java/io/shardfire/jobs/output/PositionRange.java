package io.shardfire.jobs.output;

import io.shardfire.worker.inspect.Losses;
import java.util.ArrayList;
import java.util.List;

/**
 * Some positions of a window.
 *
 * @param from the first, from 0
 * @param to one past the last
 */
record PositionRange(int from, int to) {
  private static final int FINE_PARTS = 8;
  private static final int FIRST_DOUBLING = 4;

  /** Eighths of the trained context, as many as the window has; the last may be shorter. */
  static List<PositionRange> fine(int trained, int context) {
    int width = Math.max(1, trained / FINE_PARTS);
    List<PositionRange> ranges = new ArrayList<>();
    for (int from = 0; from < context; from += width) {
      ranges.add(new PositionRange(from, Math.min(context, from + width)));
    }
    return ranges;
  }

  /** Up to a quarter of the trained context, a half, all of it, twice that, ... */
  static List<PositionRange> doubling(int trained, int context) {
    List<PositionRange> ranges = new ArrayList<>();
    int from = 0;
    for (long to = Math.max(1, trained / FIRST_DOUBLING); from < context; to *= 2) {
      int end = (int) Math.min(context, to);
      ranges.add(new PositionRange(from, end));
      from = end;
    }
    return ranges;
  }

  double mean(Losses losses) {
    return losses.mean(from, to);
  }

  @Override
  public String toString() {
    return to - from == 1 ? String.valueOf(from) : from + "-" + (to - 1);
  }
}
