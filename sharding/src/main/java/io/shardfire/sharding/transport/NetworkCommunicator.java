package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.Bf16;
import io.shardfire.sharding.collective.CollectiveArguments;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.TreeSum;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rank of a group over the network. A call only prepares its messages; sending, receiving and
 * summing go on in the node's threads while the caller computes.
 */
final class NetworkCommunicator implements Communicator {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkCommunicator.class);

  private final NetworkNode node;
  private final Group group;
  private final int rank;
  private final List<PeerAddress> peers;
  private final PeerLink[] links;
  private final AtomicLong waited = new AtomicLong();
  private final List<Runnable> whenLeft = new ArrayList<>();
  private boolean closed;

  /**
   * @param links per rank, null for this one
   */
  NetworkCommunicator(
      NetworkNode node, Group group, int rank, List<PeerAddress> peers, PeerLink[] links) {
    this.node = node;
    this.group = group;
    this.rank = rank;
    this.peers = List.copyOf(peers);
    this.links = links;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return peers.size();
  }

  @Override
  public Pending reduceScatter(
      CollectiveKey key, FloatRange source, FloatRange shard, ElementType contributions) {
    CollectiveArguments.checkReduceScatter(key, rank, worldSize(), source, shard);
    return start(sum(key, Operation.REDUCE_SCATTER, source, shard, contributions, () -> {}), true);
  }

  @Override
  public Pending allGather(CollectiveKey key, FloatRange shard, FloatRange all) {
    CollectiveArguments.checkAllGather(key, rank, worldSize(), shard, all);
    return start(spread(key, Operation.ALL_GATHER, shard, all), true);
  }

  @Override
  public Pending allReduce(CollectiveKey key, FloatRange data, ElementType contributions) {
    CollectiveArguments.checkAllReduce(key, rank, worldSize(), data);
    FloatRange mine = CollectiveArguments.part(data, rank, worldSize());
    Exchange second = spread(key, Operation.ALL_REDUCE_SPREAD, mine, data);
    Runnable spread = () -> start(second, false);
    Pending first =
        start(sum(key, Operation.ALL_REDUCE_SUM, data, mine, contributions, spread), true);
    return () -> {
      first.await();
      second.await();
    };
  }

  @Override
  public Pending broadcast(CollectiveKey key, FloatRange data, int root) {
    CollectiveArguments.checkBroadcast(key, rank, worldSize(), data, root);
    FloatRange[] outgoing = new FloatRange[worldSize()];
    FloatRange[] incoming = new FloatRange[worldSize()];
    if (root != rank) {
      incoming[root] = data;
    } else {
      for (int peer = 0; peer < worldSize(); peer++) {
        outgoing[peer] = peer == rank ? null : data;
      }
    }
    ExchangeKey id = new ExchangeKey(key, Operation.BROADCAST);
    return start(new Exchange(this, id, outgoing, incoming, ElementType.FP32, null), true);
  }

  @Override
  public byte[][] allGatherBytes(CollectiveKey key, byte[] mine) {
    ByteGather gather =
        new ByteGather(this, new ExchangeKey(key, Operation.ALL_GATHER_BYTES), mine);
    group.issue(gather, true);
    gather.share();
    gather.await();
    return gather.parts();
  }

  /** Every peer gets its part of the source; the owner of a shard sums all ranks' parts of it. */
  private Exchange sum(
      CollectiveKey key,
      Operation operation,
      FloatRange source,
      FloatRange shard,
      ElementType type,
      Runnable then) {
    int ranks = worldSize();
    FloatRange[] outgoing = new FloatRange[ranks];
    FloatRange[] incoming = new FloatRange[ranks];
    float[][] contributions = new float[ranks][];
    int[] offsets = new int[ranks];
    for (int peer = 0; peer < ranks; peer++) {
      FloatRange part = CollectiveArguments.part(source, peer, ranks);
      if (peer == rank) {
        // Rounded contributions of this rank's own are made where the sum will lie.
        FloatRange own = type == ElementType.FP32 ? part : shard;
        contributions[peer] = own.array();
        offsets[peer] = own.offset();
      } else {
        outgoing[peer] = part;
        contributions[peer] = node.buffers().take(shard.length());
        incoming[peer] = new FloatRange(contributions[peer], 0, shard.length());
      }
    }
    Runnable finish =
        () -> {
          if (type == ElementType.BF16) {
            Bf16.round(CollectiveArguments.part(source, rank, ranks), shard);
          }
          TreeSum.sum(contributions, offsets, shard.length(), shard.array(), shard.offset());
          // Buffers of a failed collective are not used again: late chunks may still be copied.
          for (int peer = 0; peer < ranks; peer++) {
            if (peer != rank) {
              node.buffers().give(contributions[peer]);
            }
          }
          then.run();
        };
    return new Exchange(this, new ExchangeKey(key, operation), outgoing, incoming, type, finish);
  }

  /** Every peer gets this rank's shard, and every part of all comes from its owner. */
  private Exchange spread(
      CollectiveKey key, Operation operation, FloatRange shard, FloatRange all) {
    int ranks = worldSize();
    FloatRange[] outgoing = new FloatRange[ranks];
    FloatRange[] incoming = new FloatRange[ranks];
    Runnable finish = null;
    for (int peer = 0; peer < ranks; peer++) {
      FloatRange part = CollectiveArguments.part(all, peer, ranks);
      if (peer != rank) {
        outgoing[peer] = shard;
        incoming[peer] = part;
      } else if (!part.equals(shard)) {
        finish =
            () ->
                System.arraycopy(
                    shard.array(), shard.offset(), part.array(), part.offset(), shard.length());
      }
    }
    ExchangeKey id = new ExchangeKey(key, operation);
    return new Exchange(this, id, outgoing, incoming, ElementType.FP32, finish);
  }

  private Pending start(Exchange exchange, boolean first) {
    group.issue(exchange, first);
    exchange.ask();
    return exchange;
  }

  @Override
  public long waitNanos() {
    return waited.get();
  }

  @Override
  public synchronized void whenLeft(Runnable action) {
    if (closed) {
      action.run();
    } else {
      whenLeft.add(action);
    }
  }

  /** What was to be done afterwards is not done when an array may still be in use. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    group.leave();
    node.leave(group);
    for (PeerLink link : links) {
      if (link != null) {
        link.close();
      }
    }
    if (node.awaitQuiet(group)) {
      whenLeft.forEach(Runnable::run);
    } else {
      LOG.warn(
          "The network still uses this rank's arrays after {} ms, so they are not used again: {}",
          node.timeout().toMillis(),
          "rank=" + rank + ", group=" + group.name() + ", generation=" + group.generation());
    }
    whenLeft.clear();
  }

  /** Refuses a peer that sees the group differently. */
  void checkJoin(JoinGroup join) {
    if (join.worldSize() != worldSize() || join.sender() == rank) {
      throw new CollectiveException(
          "An unknown sender: rank=" + rank + ", worldSize=" + worldSize() + ", " + join);
    }
    if (join.chunkBytes() != node.chunkBytes()) {
      throw new CollectiveException(
          "The ranks have different chunk sizes; set the same: chunkBytes="
              + node.chunkBytes()
              + ", "
              + join);
    }
  }

  /** Runs on the node's summing thread, after the messages before it. */
  void compute(Runnable task, Collective collective) {
    node.compute(task, collective);
  }

  Group group() {
    return group;
  }

  PeerLink link(int peer) {
    return links[peer];
  }

  PeerAddress peer(int peer) {
    return peers.get(peer);
  }

  Duration timeout() {
    return node.timeout();
  }

  int chunkElements(ElementType type) {
    return node.chunkBytes() / type.bytes();
  }

  MessageHeader header(ExchangeKey id) {
    return new MessageHeader(group.name(), group.generation(), rank, id.key(), id.operation());
  }

  void waited(CollectiveKey key, long nanos) {
    if (!key.phase().inBackground()) {
      waited.addAndGet(nanos);
    }
  }

  /** For error texts. */
  String where(CollectiveKey key) {
    return ", group=%s, generation=%d, host=%s"
            .formatted(group.name(), group.generation(), peers.get(rank))
        + CollectiveArguments.where(key, rank);
  }
}
