package io.shardfire.kernels.tuning;

import java.util.Arrays;

/**
 * How a candidate did against the values so far, run by run side by side.
 *
 * @param gain by how much the median run was faster, as a fraction; negative where it was slower
 * @param wins fraction of the runs that were faster
 */
public record Outcome(double gain, double wins) {
  /** A smaller gain is not told from noise on a machine that does other things too. */
  static final double SMALLEST_GAIN = 0.03;

  /** Few of the runs may contradict the median. */
  static final double FEWEST_WINS = 0.75;

  /** From the times of runs by turns: each of the candidate's stands between two of the base. */
  static Outcome of(double[] base, double[] candidate) {
    double[] gains = new double[candidate.length];
    int wins = 0;
    for (int run = 0; run < candidate.length; run++) {
      gains[run] = 1 - 2 * candidate[run] / (base[run] + base[run + 1]);
      wins += gains[run] > 0 ? 1 : 0;
    }
    Arrays.sort(gains);
    return new Outcome(gains[gains.length / 2], (double) wins / candidate.length);
  }

  /** Whether the gain is above noise. */
  public boolean won() {
    return gain >= SMALLEST_GAIN && wins >= FEWEST_WINS;
  }
}
