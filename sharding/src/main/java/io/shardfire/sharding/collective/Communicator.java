package io.shardfire.sharding.collective;

/**
 * Collectives between the ranks of one group. Sums are taken in a fixed binary tree over ranks
 * (split at the largest power of two below the count), so that results do not depend on arrival
 * order. Every rank issues the same collectives with the same keys; several may be under way.
 * Arrays handed over must not be touched until {@link Pending#await()} returns. Thread-safe.
 */
public interface Communicator extends AutoCloseable {
  /** This rank, from 0. */
  int rank();

  /** Ranks in the group. */
  int worldSize();

  /**
   * Sums {@code source} (worldSize equal shards) over ranks; shard {@code rank()} of the sum goes
   * to {@code shard}, which may be that part of source.
   *
   * @param contributions as what each rank's part of the sum reaches the owner of a shard, who adds
   *     in fp32. The owner's own is rounded as the others are, so that all are alike, and so is
   *     that of a group of one
   */
  Pending reduceScatter(
      CollectiveKey key, FloatRange source, FloatRange shard, ElementType contributions);

  /**
   * Collects every rank's {@code shard} into {@code all}; shard may be part {@code rank()} of all.
   */
  Pending allGather(CollectiveKey key, FloatRange shard, FloatRange all);

  /**
   * Sums {@code data} over ranks in place (length a multiple of worldSize). The sums are spread in
   * fp32, so every rank has the bits of a reduce-scatter.
   *
   * @param contributions as in a reduce-scatter
   */
  Pending allReduce(CollectiveKey key, FloatRange data, ElementType contributions);

  /** Copies the root's {@code data} to every rank. */
  Pending broadcast(CollectiveKey key, FloatRange data, int root);

  /** Small messages from every rank to every rank, in rank order; waits. Sizes may differ. */
  byte[][] allGatherBytes(CollectiveKey key, byte[] mine);

  /** Waits for every rank. */
  default void barrier(CollectiveKey key) {
    allGatherBytes(key, new byte[0]);
  }

  /**
   * Nanoseconds this rank has spent waiting in {@link Pending#await()} and byte gathers since
   * creation, without phases {@link Phase#inBackground() in the background}.
   */
  long waitNanos();

  /**
   * Does something once this rank has left the group and no array of its collectives is read or
   * written any more, those of collectives that have failed or were not awaited included; at once
   * when it has left already. What belongs to such arrays may be used again then, and not before.
   */
  void whenLeft(Runnable action);

  /** Leaves the group: collectives under way fail. Returns when their arrays are free. */
  @Override
  void close();
}
