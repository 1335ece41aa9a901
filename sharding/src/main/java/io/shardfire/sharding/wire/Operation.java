package io.shardfire.sharding.wire;

/** What ranks do together under one key. */
public enum Operation {
  REDUCE_SCATTER(0, "reduceScatter"),
  ALL_GATHER(1, "allGather"),
  /** First half of an all-reduce: every rank sums its part. */
  ALL_REDUCE_SUM(2, "allReduce"),
  /** Second half of an all-reduce: every rank spreads its sum. */
  ALL_REDUCE_SPREAD(3, "allReduce"),
  BROADCAST(4, "broadcast"),
  ALL_GATHER_BYTES(5, "allGatherBytes");

  private final int code;
  private final String call;

  Operation(int code, String call) {
    this.code = code;
    this.call = call;
  }

  /** The number that stands for the operation on the wire; never given to another. */
  public int code() {
    return code;
  }

  /** The call of a communicator that the operation belongs to. */
  public String call() {
    return call;
  }
}
