package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.CommunicatorWorld;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every rank a node of its own, over real sockets of the loopback interface. */
record LoopbackWorld(List<NetworkNode> nodes, List<Communicator> communicators)
    implements CommunicatorWorld {
  static final String GROUP = "data";
  static final int GENERATION = 4;

  /** Small chunks, so that even short ranges take several. */
  static final int CHUNK_BYTES = 4096;

  /** Connecting must succeed on a busy machine too, however short a test's own deadline is. */
  static final Map<String, String> CONNECT_AMPLY =
      Map.of("spark.shardfire.io.connectionCreationTimeout", "60s");

  /** Everything goes over the network. */
  static NetworkConfiguration configuration(Duration timeout) {
    return new NetworkConfiguration(
        "127.0.0.1", CONNECT_AMPLY, null, timeout, CHUNK_BYTES, false, PortRange.ANY);
  }

  /** Chunks go through shared memory. */
  static NetworkConfiguration sharing(Duration timeout) {
    return new NetworkConfiguration(
        "127.0.0.1", CONNECT_AMPLY, null, timeout, CHUNK_BYTES, true, PortRange.ANY);
  }

  /** Where nobody has listened; a stopped node's socket may accept for a moment longer. */
  static PeerAddress nobody() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new PeerAddress("127.0.0.1", socket.getLocalPort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LoopbackWorld open(int worldSize, NetworkConfiguration configuration) {
    List<NetworkNode> nodes = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      nodes.add(NetworkNode.start(configuration));
    }
    List<PeerAddress> peers = nodes.stream().map(NetworkNode::address).toList();
    List<Communicator> communicators = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      communicators.add(nodes.get(rank).join(GROUP, GENERATION, rank, peers));
    }
    return new LoopbackWorld(nodes, communicators);
  }

  @Override
  public void close() {
    nodes.forEach(NetworkNode::close);
  }
}
