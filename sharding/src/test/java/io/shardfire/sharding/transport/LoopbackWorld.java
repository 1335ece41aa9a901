package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.CommunicatorWorld;
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

  static NetworkConfiguration configuration(Duration timeout) {
    return new NetworkConfiguration("127.0.0.1", Map.of(), null, timeout, CHUNK_BYTES);
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
