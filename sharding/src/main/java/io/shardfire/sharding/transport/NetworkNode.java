package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.OfferSegment;
import io.shardfire.sharding.wire.PeerMessage;
import io.shardfire.sharding.wire.WireCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * they are copied straight to where they belong; when all are there the sum is taken. Chunks for a
 * peer at the same address lie in {@link SharedSegment shared memory} meanwhile.
 */
public final class NetworkNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkNode.class);

  private final NetworkConfiguration configuration;
  private final GroupRegistry groups = new GroupRegistry();
  private final FloatBuffers buffers = new FloatBuffers();
  private final Map<Group, Communicator> communicators = new LinkedHashMap<>();
  private final Endpoint endpoint;
  private final Sender sender;
  private final ExecutorService sums;
  private final boolean sharesMemory;

  private NetworkNode(NetworkConfiguration configuration) {
    this.configuration = configuration;
    this.endpoint =
        Endpoint.listening(configuration, new PeerHandler(groups, configuration.chunkBytes()));
    this.sharesMemory =
        configuration.sharedMemory() && !endpoint.encrypts() && SharedSegment.supported();
    this.sender = new Sender(configuration.chunkBytes());
    this.sums = Executors.newSingleThreadExecutor(DaemonThread.named("shardfire-sum"));
  }

  /**
   * Listens on a free port of the configuration.
   *
   * @throws ListenException when there is none
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
   *     group was already joined in this or a newer generation; a group that was joined in part is
   *     left when this node is closed
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
    synchronized (communicators) {
      communicators.put(state, communicator);
    }
    // A peer grants a connection little time to join, so each joins before the next is opened. When
    // one fails, the others stay until this node is closed: peers must not be the first to tell.
    state.attach(communicator);
    JoinGroup join =
        new JoinGroup(group, generation, rank, peers.size(), configuration.chunkBytes());
    for (int peer = 0; peer < links.length; peer++) {
      if (peer != rank) {
        links[peer] = link(peer, peers.get(peer));
        announce(state, links[peer], join);
        share(links[peer]);
      }
    }
    return communicator;
  }

  private PeerLink link(int peer, PeerAddress address) {
    return new PeerLink(peer, address, endpoint.connect(address, "rank " + peer), sender);
  }

  private void announce(Group group, PeerLink link, JoinGroup join) {
    link.connection().whenClosed(() -> group.lostTo(link.rank()));
    ask(link, join)
        .ifPresent(
            reason -> {
              throw new CollectiveException(link + " refused this rank: " + reason);
            });
  }

  /** Chunks for a peer of this machine go through shared memory, if the peer can open it. */
  private void share(PeerLink link) {
    if (!sharesMemory || !link.address().host().equals(address().host())) {
      return;
    }
    try {
      SharedSegment segment = SharedSegment.create(Sender.WINDOW, configuration.chunkBytes());
      Optional<String> refusal;
      try {
        refusal = ask(link, new OfferSegment(segment.name()));
      } finally {
        segment.unlink();
      }
      if (refusal.isPresent()) {
        LOG.warn("{} gets its chunks over the network: {}", link, refusal.get());
        return;
      }
      Queue<OutgoingChunk> slots = new ArrayDeque<>();
      for (int slot = 0; slot < Sender.WINDOW; slot++) {
        slots.add(OutgoingChunk.InSlot.of(segment, slot));
      }
      link.share(slots);
    } catch (IOException e) {
      LOG.warn(
          "{} gets its chunks over the network; make room in shared memory: {}",
          link,
          e.getMessage());
    }
  }

  /** Sends a message and waits; why it was refused, if it was. */
  private Optional<String> ask(PeerLink link, PeerMessage message) {
    ByteBuffer bytes = ByteBuffer.allocate(GradientShard.MAX_OVERHEAD);
    WireCodec.forPeers(configuration.chunkBytes()).encode(message, bytes);
    try {
      return link.connection().ask(bytes, configuration.timeout());
    } catch (RuntimeException e) {
      throw new CollectiveException(link + " did not answer: " + message, e);
    }
  }

  void leave(Group group) {
    groups.remove(group);
    synchronized (communicators) {
      communicators.remove(group);
    }
  }

  /**
   * Waits until this node's threads no longer read or write arrays of collectives that have ended;
   * false when the time is over.
   */
  boolean awaitQuiet(Group group) {
    Duration timeout = configuration.timeout();
    return group.awaitCopies(timeout) && sender.awaitIdle(timeout) && Idle.await(sums, timeout);
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
