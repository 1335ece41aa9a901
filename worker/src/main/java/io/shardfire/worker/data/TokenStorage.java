package io.shardfire.worker.data;

/** The entries of one file, checked against index and checksum. Immutable and thread-safe. */
interface TokenStorage {
  /** Entries as whole numbers; the caller has checked the bounds. */
  void read(long from, float[] destination, int offset, int length);

  /** One entry; the caller has checked the bounds. */
  long value(long index);
}
