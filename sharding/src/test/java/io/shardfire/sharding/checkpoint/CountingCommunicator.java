package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import java.util.concurrent.CountDownLatch;

/** Counts byte gathers down; checkpoints use no other collective. */
record CountingCommunicator(Communicator inner, CountDownLatch gathers) implements Communicator {
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
    throw new UnsupportedOperationException();
  }

  @Override
  public Pending allGather(CollectiveKey key, FloatRange shard, FloatRange all) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Pending allReduce(CollectiveKey key, FloatRange data, ElementType contributions) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Pending broadcast(CollectiveKey key, FloatRange data, int root) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[][] allGatherBytes(CollectiveKey key, byte[] mine) {
    byte[][] all = inner.allGatherBytes(key, mine);
    gathers.countDown();
    return all;
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
