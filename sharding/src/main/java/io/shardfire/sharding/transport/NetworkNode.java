package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.WireCodec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.spark.network.client.TransportClient;

/**
 * A listening endpoint over Spark's transport; joins ranks into communicators. Thread-safe.
 *
 * <pre>
 *  caller ──► Exchange ──► shardfire-send ──► shardfire-client-* ═══► peer
 *                ▲                                                     │
 *                └─ shardfire-sum ◄── shardfire-server-* ◄═════════════┘
 * </pre>
 *
 * <p>A receiver asks each peer for its range; the peer sends chunks, at most a few unacknowledged;
 * they are copied straight to where they belong; when all are there the sum is taken.
 */
public final class NetworkNode implements AutoCloseable {
  private final NetworkConfiguration configuration;
  private final GroupRegistry groups = new GroupRegistry();
  private final FloatBuffers buffers = new FloatBuffers();
  private final Map<Group, Communicator> communicators = new LinkedHashMap<>();
  private final Endpoint endpoint;
  private final Sender sender;
  private final ExecutorService sums;

  private NetworkNode(NetworkConfiguration configuration) {
    this.configuration = configuration;
    this.endpoint =
        Endpoint.listening(configuration, new PeerHandler(groups, configuration.chunkBytes()));
    this.sender = new Sender(configuration.chunkBytes());
    this.sums = Executors.newSingleThreadExecutor(DaemonThread.named("shardfire-sum"));
  }

  /**
   * Binds to a free port.
   *
   * @throws CollectiveException when it cannot
   */
  public static NetworkNode start(NetworkConfiguration configuration) {
    return new NetworkNode(configuration);
  }

  /** Where peers reach this node. */
  public PeerAddress address() {
    return endpoint.address();
  }

  /**
   * Joins the named group of one generation. Messages of other generations are rejected.
   * peers.get(rank) is this node. Every peer's node must be listening, but need not have joined.
   *
   * @throws CollectiveException when a peer cannot be reached or refuses this rank, or when the
   *     group was already joined in this or a newer generation
   */
  public Communicator join(String group, int generation, int rank, List<PeerAddress> peers) {
    if (rank < 0 || rank >= peers.size() || !peers.get(rank).equals(address())) {
      throw new CollectiveException(
          "The rank's address must be this node's: rank=%d, peers=%s, address=%s"
              .formatted(rank, peers, address()));
    }
    Group state = groups.open(group, generation);
    PeerLink[] links = new PeerLink[peers.size()];
    NetworkCommunicator communicator = new NetworkCommunicator(this, state, rank, peers, links);
    try {
      for (int peer = 0; peer < links.length; peer++) {
        if (peer != rank) {
          links[peer] = link(peer, peers.get(peer));
        }
      }
      state.attach(communicator);
      JoinGroup join =
          new JoinGroup(group, generation, rank, peers.size(), configuration.chunkBytes());
      for (PeerLink link : links) {
        if (link != null) {
          announce(state, link, join);
        }
      }
    } catch (RuntimeException e) {
      communicator.close();
      throw e;
    }
    synchronized (communicators) {
      communicators.put(state, communicator);
    }
    return communicator;
  }

  private PeerLink link(int peer, PeerAddress address) {
    return new PeerLink(peer, address, endpoint.connect(address, "rank " + peer), sender);
  }

  private void announce(Group group, PeerLink link, JoinGroup join) {
    TransportClient client = link.client();
    client.getChannel().closeFuture().addListener(closed -> group.lostTo(link.rank()));
    ByteBuffer message = ByteBuffer.allocate(GradientShard.MAX_OVERHEAD);
    WireCodec.forPeers(configuration.chunkBytes()).encode(join, message);
    ByteBuffer reply;
    try {
      reply = client.sendRpcSync(message, configuration.timeout().toMillis());
    } catch (RuntimeException e) {
      throw new CollectiveException(link + " did not answer: " + join, e);
    }
    Reply.refusal(reply)
        .ifPresent(
            reason -> {
              throw new CollectiveException(link + " refused this rank: " + reason);
            });
  }

  void leave(Group group) {
    groups.remove(group);
    synchronized (communicators) {
      communicators.remove(group);
    }
  }

  void compute(Runnable task, Collective collective) {
    try {
      sums.execute(task);
    } catch (RejectedExecutionException e) {
      collective.fail("This node was closed", e);
    }
  }

  FloatBuffers buffers() {
    return buffers;
  }

  Duration timeout() {
    return configuration.timeout();
  }

  int chunkBytes() {
    return configuration.chunkBytes();
  }

  /** Leaves every group and stops listening. */
  @Override
  public void close() {
    List<Communicator> open;
    synchronized (communicators) {
      open = List.copyOf(communicators.values());
    }
    open.forEach(Communicator::close);
    sender.close();
    sums.shutdownNow();
    endpoint.close();
  }
}
