package io.shardfire.worker.bench;

import java.util.Arrays;

/** What repeated measurements are summed up by. */
public final class Medians {
  private Medians() {}

  /** The middle value, of an even number the higher one of the two. */
  public static double of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
