package io.shardfire.worker.data;

/** The ids of one shard, checked against index and checksum. Immutable and thread-safe. */
interface TokenStorage {
  /** Ids as whole numbers; the caller has checked the bounds. */
  void read(long from, float[] destination, int offset, int length);
}
