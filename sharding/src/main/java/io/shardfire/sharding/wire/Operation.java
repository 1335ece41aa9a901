package io.shardfire.sharding.wire;

/** What ranks do together under one key. The order is the code on the wire; only append. */
public enum Operation {
  REDUCE_SCATTER("reduceScatter"),
  ALL_GATHER("allGather"),
  /** First half of an all-reduce: every rank sums its part. */
  ALL_REDUCE_SUM("allReduce"),
  /** Second half of an all-reduce: every rank spreads its sum. */
  ALL_REDUCE_SPREAD("allReduce"),
  BROADCAST("broadcast"),
  ALL_GATHER_BYTES("allGatherBytes");

  private final String call;

  Operation(String call) {
    this.call = call;
  }

  /** The call of a communicator that the operation belongs to. */
  public String call() {
    return call;
  }
}
