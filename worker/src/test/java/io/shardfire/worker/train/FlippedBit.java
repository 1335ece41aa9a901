package io.shardfire.worker.train;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;

/** Flips a bit of what one rank receives of one unit in one step, as failing memory would. */
record FlippedBit(Communicator inner, int rankOfBit, long step, int unit, Phase phase)
    implements Communicator {
  @Override
  public int rank() {
    return inner.rank();
  }

  @Override
  public int worldSize() {
    return inner.worldSize();
  }

  private Pending flip(Pending pending, CollectiveKey key, FloatRange received) {
    boolean flips = rank() == rankOfBit && key.equals(new CollectiveKey(step, phase, unit));
    return () -> {
      pending.await();
      if (flips) {
        int bits = Float.floatToIntBits(received.array()[received.offset()]);
        received.array()[received.offset()] = Float.intBitsToFloat(bits ^ 1 << 20);
      }
    };
  }

  @Override
  public Pending reduceScatter(
      CollectiveKey key, FloatRange source, FloatRange shard, ElementType contributions) {
    return inner.reduceScatter(key, source, shard, contributions);
  }

  @Override
  public Pending allGather(CollectiveKey key, FloatRange shard, FloatRange all) {
    return flip(inner.allGather(key, shard, all), key, all);
  }

  @Override
  public Pending allReduce(CollectiveKey key, FloatRange data, ElementType contributions) {
    return flip(inner.allReduce(key, data, contributions), key, data);
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
