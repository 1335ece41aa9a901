package io.shardfire.worker.train;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;

/**
 * Gathers nothing before it is awaited, as the slowest network would: whoever reads parameters
 * without waiting for them reads old ones, every time.
 */
record LateGathers(Communicator inner) implements Communicator {
  @Override
  public int rank() {
    return inner.rank();
  }

  @Override
  public int worldSize() {
    return inner.worldSize();
  }

  @Override
  public Pending reduceScatter(
      CollectiveKey key, FloatRange source, FloatRange shard, ElementType contributions) {
    return inner.reduceScatter(key, source, shard, contributions);
  }

  @Override
  public Pending allGather(CollectiveKey key, FloatRange shard, FloatRange all) {
    return () -> inner.allGather(key, shard, all).await();
  }

  @Override
  public Pending allReduce(CollectiveKey key, FloatRange data, ElementType contributions) {
    return inner.allReduce(key, data, contributions);
  }

  @Override
  public Pending broadcast(CollectiveKey key, FloatRange data, int root) {
    return inner.broadcast(key, data, root);
  }

  @Override
  public byte[][] allGatherBytes(CollectiveKey key, byte[] mine) {
    return inner.allGatherBytes(key, mine);
  }

  @Override
  public long waitNanos() {
    return inner.waitNanos();
  }

  @Override
  public void whenLeft(Runnable action) {
    inner.whenLeft(action);
  }

  @Override
  public void close() {
    inner.close();
  }
}
