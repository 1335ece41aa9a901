package io.shardfire.sharding.collective;

/**
 * The checks that every {@link Communicator} makes on its arguments, so that a wrong call fails the
 * same way in threads and over the network.
 */
public final class CollectiveArguments {
  private CollectiveArguments() {}

  /** Source holds worldSize shards; shard is elsewhere, or exactly this rank's part of source. */
  public static void checkReduceScatter(
      CollectiveKey key, int rank, int worldSize, FloatRange source, FloatRange shard) {
    checkParts("reduceScatter", "source", key, rank, worldSize, source, shard);
  }

  /** All holds worldSize shards; shard is elsewhere, or exactly this rank's part of all. */
  public static void checkAllGather(
      CollectiveKey key, int rank, int worldSize, FloatRange shard, FloatRange all) {
    checkParts("allGather", "all", key, rank, worldSize, all, shard);
  }

  /** Data divides into worldSize equal parts. */
  public static void checkAllReduce(CollectiveKey key, int rank, int worldSize, FloatRange data) {
    if (data.length() == 0 || data.length() % worldSize != 0) {
      throw new CollectiveException(
          "The data of an allReduce must be a positive multiple of the ranks; pad it: length="
              + data.length()
              + ", worldSize="
              + worldSize
              + where(key, rank));
    }
  }

  /** Data is not empty and the root is a rank. */
  public static void checkBroadcast(
      CollectiveKey key, int rank, int worldSize, FloatRange data, int root) {
    if (data.length() == 0 || root < 0 || root >= worldSize) {
      throw new CollectiveException(
          "A broadcast needs data and a root among the ranks: length="
              + data.length()
              + ", root="
              + root
              + ", worldSize="
              + worldSize
              + where(key, rank));
    }
  }

  /** The part of {@code range} that belongs to {@code rank}. */
  public static FloatRange part(FloatRange range, int rank, int worldSize) {
    int length = range.length() / worldSize;
    return new FloatRange(range.array(), range.offset() + rank * length, length);
  }

  /** Says which collective on which rank an error is about. */
  public static String where(CollectiveKey key, int rank) {
    return ", rank="
        + rank
        + ", phase="
        + key.phase()
        + ", unit="
        + key.unit()
        + ", step="
        + key.step();
  }

  private static void checkParts(
      String operation,
      String wholeName,
      CollectiveKey key,
      int rank,
      int worldSize,
      FloatRange whole,
      FloatRange shard) {
    if (shard.length() == 0 || whole.length() != (long) shard.length() * worldSize) {
      throw new CollectiveException(
          ("The ranges of %s do not fit; %s must hold one shard per rank: %s=%d, shard=%d,"
                  + " worldSize=%d%s")
              .formatted(
                  operation,
                  wholeName,
                  wholeName,
                  whole.length(),
                  shard.length(),
                  worldSize,
                  where(key, rank)));
    }
    boolean apart =
        shard.array() != whole.array()
            || shard.offset() + shard.length() <= whole.offset()
            || whole.offset() + whole.length() <= shard.offset();
    if (!apart && !shard.equals(part(whole, rank, worldSize))) {
      throw new CollectiveException(
          ("The shard of %s overlaps %s but is not this rank's part of it: shardOffset=%d,"
                  + " expectedOffset=%d%s")
              .formatted(
                  operation,
                  wholeName,
                  shard.offset(),
                  part(whole, rank, worldSize).offset(),
                  where(key, rank)));
    }
  }
}
