package io.shardfire.driver.launch;

import io.shardfire.sharding.transport.PeerAddress;

/** An open endpoint of one rank. Confined to the task's thread. */
interface RankSession extends AutoCloseable {
  /** Where peers reach this rank. */
  PeerAddress address();

  /** Does the rank's work. */
  RankOutcome run(RankSeat seat);

  /**
   * Closes the endpoint, and frees memory that it used; peers that still wait for this rank fail.
   */
  @Override
  void close();
}
