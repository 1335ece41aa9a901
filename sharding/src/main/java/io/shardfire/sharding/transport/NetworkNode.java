package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.Communicator;
import java.util.List;

/** A listening endpoint over Spark's transport; joins ranks into communicators. Thread-safe. */
public final class NetworkNode implements AutoCloseable {
  private NetworkNode() {}

  /** Binds to a free port. */
  public static NetworkNode start(NetworkConfiguration configuration) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Where peers reach this node. */
  public PeerAddress address() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Joins the named group of one generation. Messages of other generations are rejected.
   * peers.get(rank) is this node.
   */
  public Communicator join(String group, int generation, int rank, List<PeerAddress> peers) {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
