package io.shardfire.sharding.collective;

/** A collective under way. */
public interface Pending {
  /**
   * Waits until this rank's part is complete.
   *
   * @throws CollectiveException at the deadline, when a peer is lost or sent something invalid;
   *     names rank, host, phase, unit, step and who is missing
   */
  void await();
}
