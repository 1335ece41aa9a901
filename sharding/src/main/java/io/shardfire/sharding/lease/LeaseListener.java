package io.shardfire.sharding.lease;

/** Hears of a lease, on its timer's thread or the one that uses it. */
public interface LeaseListener {
  /** Something is worth knowing, and the run goes on. */
  void onNotice(String notice);

  /** The folder belongs to another driver by now; heard once. */
  void onLost(LeaseLostException lost);
}
