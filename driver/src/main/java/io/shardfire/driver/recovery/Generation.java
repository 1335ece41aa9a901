package io.shardfire.driver.recovery;

/**
 * One attempt at the run. Messages of other generations are rejected, so that a rank left over from
 * an earlier one cannot take part.
 *
 * @param number 0 at first, one more after every failure
 * @param resume whether it goes on from the newest valid checkpoint
 */
public record Generation(int number, int ranks, boolean resume) {
  /** Checks the values. */
  public Generation {
    if (number < 0 || ranks < 1) {
      throw new IllegalArgumentException(
          "A generation has a number from 0 and at least one rank: number="
              + number
              + ", ranks="
              + ranks);
    }
  }
}
