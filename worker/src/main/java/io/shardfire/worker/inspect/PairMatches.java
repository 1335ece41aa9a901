package io.shardfire.worker.inspect;

import java.util.List;

/**
 * How many targets an encoder-decoder wrote token for token, their end included. Immutable.
 *
 * @param faults all others, in the order of the pairs
 */
public record PairMatches(int pairs, List<Fault> faults) {
  /** Copies. */
  public PairMatches {
    faults = List.copyOf(faults);
  }

  /** A target that was not written as it is. */
  public record Fault(String source, String target, String written) {}

  /** Targets without a fault. */
  public int exact() {
    return pairs - faults.size();
  }

  /** Their share. */
  public double share() {
    return (double) exact() / pairs;
  }
}
