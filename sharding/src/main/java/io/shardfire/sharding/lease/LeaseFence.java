package io.shardfire.sharding.lease;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Lets the ranks of a generation write as long as no newer one is claimed. A folder without any
 * claim lets them, too: who has deleted the files has not begun another run, and the driver puts
 * them back. Thread-safe.
 */
public record LeaseFence(LeaseFolder folder, LeaseTicket ticket) {
  /**
   * Looks now.
   *
   * @throws LeaseLostException when a newer generation is claimed, naming its holder
   * @throws UncheckedIOException when the folder cannot be read
   */
  public void check() {
    Optional<LeaseEntry> newest;
    try {
      newest = folder.newest();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The lease of the run folder cannot be read: run="
              + folder.run()
              + ", problem="
              + e.getMessage(),
          e);
    }
    if (newest.isPresent() && !ticket.isOf(newest.get())) {
      throw LeaseLostException.of(folder, ticket, newest.get());
    }
  }
}
